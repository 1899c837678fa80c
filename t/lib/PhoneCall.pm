# SPDX-License-Identifier: GPL-3.0-or-later
# Calls between two phones, step by step, and what must be true after each: TAP through Test::More.
package PhoneCall;
use strict;
use warnings;
use Exporter 'import';
use Test::More;
use Time::HiRes qw(sleep time);
use PhoneProc;
use PhoneServer;
use PhoneWire;

our @EXPORT = qw(need_program registers talk refused busy cancelled unanswered);

use constant {
	STEP     => 5,          # seconds that one step of a call may take
	REGISTER => 8,
	TRIES    => 3,
	TALK     => 2.5,        # seconds of conversation: 125 packets each way
	ENOUGH   => 100,        # packets that must arrive of these
	EDGE     => 10,         # packets that may be on their way, or lost to a late start
};

# Skips the whole test if a program is missing.
sub need_program {
	for my $program (@_) {
		grep { -x "$_/$program" } split /:/, $ENV{PATH} or plan skip_all => "$program is not installed";
	}
}

# True when the phone is registered; one that gave up is asked again, as its owner would.
sub registers {
	my ($phone, $name) = @_;
	my $began = time;
	my $tries = 1;
	my $done = $phone->wait_registered(REGISTER);
	while (!$done && $tries < TRIES) {
		$tries++;
		$phone->register_again;
		$done = $phone->wait_registered(REGISTER / 2);
	}
	ok($done, "$name registers") or diag($phone->log_text);
	note(sprintf '%s: attempt %d, %.1f s', $name, $tries, time - $began) if $tries > 1;
	return $done;
}

sub address { $_[0]{user} . '@' . $_[0]{domain} }

# Both ends ring; false (and a failed test) if not.
sub ring {
	my ($caller, $callee, $name) = @_;
	$_->forget for $caller, $callee;
	$caller->dial(address($callee));
	my $rings = $callee->wait_incoming(STEP);
	my $hears = $caller->wait_ringback(STEP);
	ok($rings && $hears, "$name: the phone rings and the caller hears it")
		or diag($caller->log_text, "---\n", $callee->log_text);
	return $rings && $hears;
}

# A whole call: ring, answer, talk, and the hanger (one of the two) ends it.
sub talk {
	my ($server, $wire, $caller, $callee, $hanger, $name) = @_;
	$wire->reset if $wire;
	ring($caller, $callee, $name) or return;
	$callee->accept;
	ok($callee->wait_talking(STEP) && $caller->wait_talking(STEP), "$name: both are connected")
		or diag($caller->log_text, "---\n", $callee->log_text);
	sleep TALK;
	$hanger->hangup;
	ok($caller->wait_closed(STEP) && $callee->wait_closed(STEP), "$name: both know that it is over")
		or diag($caller->log_text, "---\n", $callee->log_text);
	voices($caller, $callee, $name);
	direct($server, $wire, $caller, $callee, $name);
}

# Each phone has heard what the other said, by their own counts.
sub voices {
	my ($caller, $callee, $name) = @_;
	my ($caller_sent, $caller_got) = $caller->rtp_count;
	my ($callee_sent, $callee_got) = $callee->rtp_count;
	ok($caller_got >= ENOUGH && $callee_got >= ENOUGH, "$name: voices both ways")
		or diag("caller received $caller_got, callee received $callee_got RTP packets");
	ok(abs($caller_sent - $callee_got) <= EDGE && abs($callee_sent - $caller_got) <= EDGE,
		"$name: what one sent the other received")
		or diag("caller $caller_sent -> $callee_got callee; callee $callee_sent -> $caller_got caller");
	note("caller $caller_sent -> $callee_got, callee $callee_sent -> $caller_got RTP packets");
}

# On the wire the voices run from phone to phone, and the server has neither sent nor received any.
sub direct {
	my ($server, $wire, $caller, $callee, $name) = @_;
	my @open = $server->udp_ports;
	SKIP: {
		skip 'may not look at the sockets of the server', 1 if !@open;
		is("@open", $server->port, "$name: the server has no socket but its listener");
	}
	SKIP: {
		skip 'a packet socket takes CAP_NET_RAW', 2 if !$wire;
		my ($one, $two) = ([$caller->rtp_ports], [$callee->rtp_ports]);
		my ($there, $back) = ($wire->packets('rtp', $one, $two), $wire->packets('rtp', $two, $one));
		ok($there >= ENOUGH && $back >= ENOUGH, "$name: RTP runs between the two phones")
			or diag("$there and $back packets; all streams:\n", map { "@$_\n" } $wire->streams);
		my @astray = ($wire->media_at($server->port), $wire->media_beside($one, $two));
		is("@astray", '', "$name: and nowhere else, least of all through the server");
		note("on the wire: $there there, $back back");
	}
}

# The callee presses the red button.
sub refused {
	my ($caller, $callee, $code, $name) = @_;
	ring($caller, $callee, $name) or return;
	$callee->hangup;
	like($caller->wait_closed(STEP) // 'nothing', qr/^$code /, "$name: the caller gets $code");
	ok($callee->wait_closed(STEP), "$name: the callee is free again") or diag($callee->log_text);
}

# The callee talks to somebody else, and takes one call at a time.
sub busy {
	my ($caller, $callee, $third, $name) = @_;
	ring($third, $callee, "$name (first call)") or return;
	$callee->accept;
	ok($callee->wait_talking(STEP) && $third->wait_talking(STEP), "$name: the callee is talking");
	$caller->forget;
	$caller->dial(address($callee));
	like($caller->wait_closed(STEP) // 'nothing', qr/^486 /, "$name: the caller gets 486");
	ok(!$third->ended, "$name: the conversation goes on");
	$third->hangup;
	ok($callee->wait_closed(STEP) && $third->wait_closed(STEP), "$name: and ends when they wish");
}

# The caller thinks better of it while it rings.
sub cancelled {
	my ($caller, $callee, $name) = @_;
	ring($caller, $callee, $name) or return;
	$caller->hangup;
	ok($callee->wait_closed(STEP), "$name: the ringing stops") or diag($callee->log_text);
	ok($caller->wait_closed(STEP), "$name: the caller is free again") or diag($caller->log_text);
}

# Nobody is at home; the phone itself gives up after `rings` seconds.
sub unanswered {
	my ($caller, $callee, $name) = @_;
	ring($caller, $callee, $name) or return;
	my $began = time;
	my $reason = $caller->wait_closed($callee->{rings} + STEP) // 'nothing';
	like($reason, qr/^4\d\d /, "$name: the caller learns it");
	cmp_ok(time - $began, '>', $callee->{rings} - 2, "$name: but not before the phone gave up");
	ok($callee->wait_closed(STEP), "$name: the ringing stops") or diag($callee->log_text);
}

1;
