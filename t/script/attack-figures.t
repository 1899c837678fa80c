#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Figures that an attacker must not exceed: what he can tell from answers and their time, what he can make us send to a
# third party, what a message can cost in memory, connections and lines of the log.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use IO::Select;
use IO::Socket::INET;
use List::Util qw(max sum);
use Test::More;
use Time::HiRes qw(time);
use Covend;
use Peer;

use constant {
	SAMPLES => 60,          # of the time of an answer, for a user who is there and one who is not
	APART => 0.15,          # share by which the medians may differ,
	APART_LEAST => 50e-6,   # or seconds
	NONCES => 200,
	LEAKY => 10000,         # multipart messages
	LEAKED => 1024,         # KiB that all of these may cost
	BYTES_BACK => 2,        # times what was sent
	BYTES_BACK_MOST => 3,   # if that was no request that a phone would send
	PACKETS_BACK => 2,
	CLOSED => 1,            # seconds until a stream that cannot go on is ended
	NOISE => 2000,          # bad messages at once
	LINES => 10,            # of the log for them, in a second
};

plan skip_all => Covend::missing() if Covend::missing();
my $plain = ($ENV{sanitizers} // 'no') eq 'no';
my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, text => <<'END');
workers = 1;
plugins = (
	{ name = "users"; accounts = ( { name = "alice"; password = "secret-alice"; }, { name = "bob"; password = "secret-bob"; } ); },
	{ name = "auth-digest"; guesses = 0; }
);
END

sub peer { Peer->new(port => $server->{port}, @_) }

sub median { (sort { $a <=> $b } @_)[$#_ / 2] }

# Names of the headers, in their order, and the status line
sub shape {
	my ($answer) = @_;
	my ($status, @lines) = split /\r\n/, $answer;
	return join ' ', $status, map { /^([^:]+):/ ? lc $1 : () } @lines;
}

sub memory {
	my ($kib) = Covend::slurp('/proc/' . $server->pid . '/status') =~ /^RssAnon:\s+(\d+)/m;
	return $kib;
}

# -- who is there: REGISTER with a wrong password, for a user and for nobody, in turn so that what slows one slows the other
sub guess {
	my ($peer) = @_;
	my $challenge = $peer->ask($peer->request('REGISTER', 'sip:example.com'));
	my $line = $peer->credentials($challenge, 'REGISTER', 'sip:example.com');
	my $bytes = $peer->request('REGISTER', 'sip:example.com', more => [ $line // () ]);
	my $began = time;
	my $refusal = $peer->ask($bytes);
	return { time => time - $began, shapes => shape($challenge) . ' | ' . shape($refusal) };
}

sub enumeration {
	my ($known, $unknown) = map { peer(user => $_, password => 'wrong') } qw(alice nosuch);
	my (%time, %shapes);
	for (1 .. SAMPLES) {
		for my $peer ($known, $unknown) {
			my $found = guess($peer);
			push @{ $time{ $peer->{user} } }, $found->{time};
			$shapes{ $found->{shapes} }++;
		}
	}
	is(scalar(keys %shapes), 1, 'codes and headers are the same for a user and for nobody') or diag(explain(\%shapes));
	my ($here, $gone) = map { median(@{ $time{$_} }) } qw(alice nosuch);
	my $apart = abs $here - $gone;
	note(sprintf 'median %.0f us and %.0f us', $here * 1e6, $gone * 1e6);
	cmp_ok($apart, '<', max(APART * max($here, $gone), APART_LEAST), 'and so is the time');
}

sub nonces {
	my $peer = peer(user => 'bob');
	my %seen;
	for (1 .. NONCES) {
		my $answer = $peer->ask($peer->request('REGISTER', 'sip:example.com'));
		$seen{$_}++ for $answer =~ /nonce="([^"]+)"/;
	}
	is(scalar(keys %seen), NONCES, NONCES . ' challenges, as many nonces');
}

# -- what comes back for a request whose sender proved nothing: size and number, until no timer can be left
sub reflection {
	my ($quiet) = @_;
	my %asked = (
		'REGISTER' => sub { $_[0]->request('REGISTER', 'sip:example.com', more => ['Contact: <sip:bob@192.0.2.1>']) },
		'INVITE to a user' => sub { $_[0]->request('INVITE', 'sip:alice@example.com', more => ['Contact: <sip:bob@192.0.2.1>']) },
		'INVITE with as little as can be' => sub { $_[0]->request('INVITE', 'sip:alice@example.com', branch => 'z9hG4bK1') },
		'INVITE to nobody' => sub { $_[0]->request('INVITE', 'sip:nosuch@example.com', from => 'sip:x@elsewhere.example') },
		'INVITE to elsewhere' => sub { $_[0]->request('INVITE', 'sip:x@192.0.2.1', from => 'sip:x@elsewhere.example') },
		'OPTIONS' => sub { $_[0]->request('OPTIONS', 'sip:example.com', from => 'sip:x@elsewhere.example') },
		'a version that is none' => sub { $_[0]->request('OPTIONS', 'sip:example.com') =~ s{SIP/2.0}{SIP/7.0}r },
		'a bad Request-URI' => sub { $_[0]->request('OPTIONS', 'sip:a@b@c') },
		'a BYE of no call' => sub { $_[0]->request('BYE', 'sip:bob@example.com', from => 'sip:x@elsewhere.example') },
		'noise' => sub { "\0" x 300 },
	);
	for my $name (sort keys %asked) {
		my $peer = Peer->new(port => $quiet->{port}, user => 'bob');
		my $bytes = $asked{$name}->($peer);
		my @back;
		$peer->send($bytes);
		push @back, $peer->get(0.1) // ();
		for (1 .. 4) {
			$quiet->command('clock', 'advance', '8s');
			while (defined(my $more = $peer->get(0.005))) {
				push @back, $more;
			}
		}
		my $ratio = (sum(0, map { length } @back)) / length $bytes;
		note(sprintf '%s: %d packets, %.2f times its size', $name, scalar @back, $ratio);
		my $most = $name =~ /as little/ ? BYTES_BACK_MOST : BYTES_BACK;
		ok(@back <= PACKETS_BACK && $ratio <= $most, "little comes back for $name");
	}
}

# -- memory: two Content-Types in a part, which a well-known library loses
sub leak {
	my $peer = peer(domain => 'elsewhere.example');
	my $part = "--b\r\nContent-Type: text/plain\r\nContent-Type: text/html;x=" . 'y' x 1000 . "\r\n\r\nhello\r\n";
	my $body = $part x 8 . "--b--\r\n";
	my $send = sub {
		my ($n) = @_;
		for (1 .. $n) {
			my $answer = $peer->ask($peer->request('MESSAGE', 'sip:nosuch@example.com', body => $body,
				more => ['Content-Type: multipart/mixed;boundary=b', 'MIME-Version: 1.0']));
			return 0 if Peer::code($answer) != 404;
		}
		return 1;
	};
	ok($send->(500), 'a multipart message is answered');
	SKIP: {
		skip 'a sanitizer keeps what is freed', 1 if !$plain;
		my $before = memory();
		$send->(LEAKY);
		cmp_ok(memory() - $before, '<', LEAKED, 'KiB more after ' . LEAKY . ' of them');
	}
}

# -- a stream of which nobody knows where the next message begins
sub lengths {
	for my $length ('-1', '4abc', '2000000000', 2**32 + 32, '99999999999999999999', '0x10', '1 2', '') {
		my $tcp = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $server->{port}) or die "tcp: $!\n";
		my $bytes = peer(domain => 'elsewhere.example')->request('OPTIONS', 'sip:example.com', transport => 'TCP');
		$bytes =~ s/^Content-Length: 0/Content-Length: $length/m;
		my $began = time;
		$tcp->syswrite($bytes . 'x' x 100);
		my $got = '';
		while (time - $began < CLOSED && IO::Select->new($tcp)->can_read(CLOSED)) {
			sysread $tcp, $got, 65536, length $got or last;
		}
		my $took = time - $began;
		ok(Peer::code($got) =~ /^(?:400|413)$/ && $took < CLOSED, "Content-Length \"$length\": refused and closed")
			or diag(sprintf '%s in %.3f s', substr($got, 0, 30), $took);
	}
}

# -- no media here: the only open ports are those of the configuration
sub ports {
	my %inode = map { ((readlink($_) // '') =~ /socket:\[(\d+)\]/ ? $1 : '') => 1 } glob '/proc/' . $server->pid . '/fd/*';
	my %open;
	for my $table (qw(udp udp6 tcp tcp6)) {
		for my $line (split /\n/, Covend::slurp("/proc/net/$table")) {
			my ($port, $state, $inode) = $line =~
				/^\s*\d+: [0-9A-F]+:([0-9A-F]{4}) \S+ (\S\S) \S+ \S+ \S+\s+\d+\s+\d+ (\d+)/ or next;
			$open{ hex $port }++ if $inode{$inode} && ($table =~ /udp/ || $state eq '0A');
		}
	}
	is(join(' ', keys %open), $server->{port}, 'no port is open that the configuration does not name');
}

# -- the log
sub noise {
	my $peer = peer(domain => 'elsewhere.example');
	my $before = () = $server->log_text =~ /\n/g;
	my $began = time;
	for (1 .. NOISE) {
		my $bytes = $peer->request('OPTIONS', 'sip:example.com');
		$bytes =~ s/^CSeq: \d+/CSeq: \e[31m/m;
		$peer->send($_ % 3 ? $bytes : "\e[2J\r\nFORGED\r\n\r\n");
		$peer->get(0) if $_ % 10;
	}
	$peer->ask($peer->request('OPTIONS', 'sip:example.com'));
	my $seconds = time - $began;
	my $after = () = $server->log_text =~ /\n/g;
	note(sprintf '%d lines in %.1f s', $after - $before, $seconds);
	cmp_ok($after - $before, '<=', LINES * (1 + $seconds), 'bad messages do not fill the log');
	unlike($server->log_text, qr/[^\n -~]|^FORGED/m, 'nor is there a byte in it that steers a terminal');
}

ok($server->start, 'covend is ready') or BAIL_OUT($server->log_text);
my $quiet = Covend->new(folder => $folder, name => 'quiet', args => ['--test-clock'], text => $server->{text});
ok($quiet->start, 'so is one whose clock we move') or BAIL_OUT($quiet->log_text);
enumeration();
nonces();
reflection($quiet);
leak();
lengths();
ports();
noise();
for my $each ($server, $quiet) {
	is($each->end('TERM'), 'exit 0', 'it ends well');
	unlike($each->log_text, qr/Sanitizer|runtime error/, 'nothing from a sanitizer');
}
done_testing();
