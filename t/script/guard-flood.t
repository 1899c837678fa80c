#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Floods of 3,000 requests a second, from one source and from 65,536: a user with an account hardly notices, memory stays,
# and nobody is banned, for whoever sends datagrams may have forged where they come from.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Socket;
use Test::More;
use Time::HiRes qw(sleep time);
use Covend;
use Peer;

use constant {
	RATE => 3000,        # requests a second
	STEP => 0.01,        # seconds between two bursts of them
	LASTS => 5,
	ASKS => 0.03,        # seconds from one REGISTER of the good user to the next
	GOOD => 0.99,        # share of them that must succeed
	LATE => 0.1,         # seconds that 99 of 100 may take
	MORE => 16 * 1024,   # KiB of memory that a flood may cost
	SLOW => 2,           # seconds until an answer is given up
};

plan skip_all => Covend::missing() if Covend::missing();
my $plain = ($ENV{sanitizers} // 'no') eq 'no';
my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, text => <<'END');
workers = 1;
listen = ("udp:127.0.0.1:PORT");
plugins = (
	{ name = "users"; accounts = ( { name = "alice"; password = "secret"; } ); },
	{ name = "guard"; spare_loopback = false; never = (); }
);
END
$server->{text} =~ s/PORT/$server->{port}/;
$server->configure;

sub memory {
	my ($kib) = Covend::slurp('/proc/' . $server->pid . '/status') =~ /^RssAnon:\s+(\d+)/m;
	return $kib;
}

# REGISTER, challenge, answer: the seconds that took, or nothing.
sub register {
	my ($peer) = @_;
	my $uri = 'sip:example.com';
	my $began = time;
	my $contact = 'Contact: <sip:alice@127.0.0.1:' . $peer->{socket}->sockport . '>';
	my $ask = sub {
		my ($bytes) = @_;
		$peer->send($bytes);
		return $peer->get(SLOW) // '';
	};
	my $challenge = $ask->($peer->request('REGISTER', $uri, more => [$contact]));
	return if Peer::code($challenge) != 401;
	my $answer = $ask->($peer->request('REGISTER', $uri, more => [ $contact, $peer->credentials($challenge, 'REGISTER', $uri) ]));
	return Peer::code($answer) == 200 ? time - $began : undef;
}

# A child that sends from `source`, REGISTER and INVITE in turn; its pid, and where it says how many that were.
sub flood {
	my ($source) = @_;
	my $to = pack_sockaddr_in($server->{port}, inet_aton('127.0.0.1'));
	pipe my $read, my $write or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	return ($pid, $read) if $pid;
	my ($sent, $began, $one) = (0, time);
	while (time - $began < LASTS) {
		while ($sent < (time - $began) * RATE) {
			my $address = $source->($sent);
			if (!$one || $address ne $one->{address}) {
				socket my $socket, PF_INET, SOCK_DGRAM, 0 or die "socket: $!\n";
				bind $socket, pack_sockaddr_in(0, inet_aton($address)) or die "bind $address: $!\n";
				$one = { address => $address, socket => $socket };
			}
			my ($method, $uri) = $sent % 2 ? ('REGISTER', 'sip:example.com') : ('INVITE', 'sip:alice@example.com');
			send $one->{socket}, join("\r\n", "$method $uri SIP/2.0",
				"Via: SIP/2.0/UDP $address;branch=z9hG4bKflood$$-$sent;rport", 'Max-Forwards: 70',
				"From: <sip:alice\@example.com>;tag=$sent", 'To: <sip:alice@example.com>', "Call-ID: flood-$$-$sent",
				"CSeq: 1 $method", 'Content-Length: 0', '', ''), 0, $to;
			$sent++;
		}
		sleep STEP;
	}
	syswrite $write, "$sent\n";
	POSIX::_exit(0);
}

sub check {
	my ($name, $source) = @_;
	my $peer = Peer->new(port => $server->{port}, user => 'alice');
	ok(defined register($peer), "$name: the user registers before") or return;
	my $before = memory();
	my ($child, $said) = flood($source);
	my ($until, $asked, @took) = (time + LASTS, 0);
	while (time < $until) {
		my $seconds = register($peer);
		$asked++;
		push @took, $seconds if defined $seconds;
		sleep ASKS;
	}
	my $sent = <$said>;
	waitpid $child, 0;
	cmp_ok($sent, '>', 0.8 * RATE * LASTS, "$name: it was a flood");
	cmp_ok($asked, '>=', 20, "$name: the user asked often enough ($asked)");
	cmp_ok(scalar @took, '>=', GOOD * $asked, "$name: the user is served");
	@took = sort { $a <=> $b } @took;
	my $p99 = $took[ int(0.99 * @took) - 1 ] // SLOW;
SKIP: {
		skip 'sanitizers take time and memory', 2 if !$plain;
		cmp_ok($p99, '<', LATE, "$name: quickly");
		cmp_ok(memory() - $before, '<', MORE, "$name: memory stays");
	}
	note(sprintf '%s: %d sent, %d of %d served, p99 %.1f ms, %d KiB more', $name, $sent, scalar @took, $asked, 1000 * $p99,
		memory() - $before);
	is_deeply($server->command('ban', 'list')->{rows}, [], "$name: nobody is banned for what may be forged");
}

ok($server->start, 'it is ready') or BAIL_OUT($server->log_text);
check('one source', sub { '127.7.0.2' });
like($server->log_text, qr/guard: dropped \d+ messages over the allowance, the last of 127\.7\.0\.2$/m, 'told in the log');
cmp_ok(scalar(() = $server->log_text =~ /over the allowance/g), '<=', 3, 'in few lines');
check('65,536 sources', sub { sprintf '127.%d.%d.9', int rand 256, int rand 256 });
is($server->end('TERM'), 'exit 0', 'it ends well');
done_testing();
