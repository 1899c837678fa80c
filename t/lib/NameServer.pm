# SPDX-License-Identifier: GPL-3.0-or-later
package NameServer;
# A name server that lies: between whoever asks and the right one, it loses, delays, cuts and spoils answers.
#
#	my $liar = NameServer->new(zones => $zones, rule => sub { my ($name, $type, $tcp) = @_; return 'drop' if $type == 52; return });
#	... forward = ("$liar->{forward}") ...
#	$liar->asked;      # "name type udp" lines, all that have come
#	$liar->stop;
#
# What a rule may say: nothing (pass on), 'drop', 'servfail', 'refused', 'nxdomain', 'empty', 'garbage', 'short', 'truncate' (TC, over
# UDP), 'strip' (DNSSEC records are left out), 'echo' (the question as its own answer), 'wrong-id', or a number: milliseconds of delay.
use strict;
use warnings;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);

my %running;
my $owner = $$;    # forks of the test stop nothing
END {
	my $status = $?;
	%running = () if $$ != $owner;
	kill 'KILL', keys %running;
	waitpid $_, 0 for keys %running;
	$? = $status;
}

sub new {
	my ($class, %o) = @_;
	my $self = bless { address => '127.0.0.1', port => 0, rule => sub { }, %o }, $class;
	my $udp = IO::Socket::INET->new(LocalAddr => $self->{address}, LocalPort => $self->{port}, Proto => 'udp') or die "udp: $!\n";
	$self->{port} = $udp->sockport;
	my $tcp = IO::Socket::INET->new(LocalAddr => $self->{address}, LocalPort => $self->{port}, Proto => 'tcp', Listen => 50,
		ReuseAddr => 1) or die "tcp: $!\n";
	$self->{forward} = "$self->{address}\@$self->{port}";
	$self->{file} = "$self->{zones}{dir}/asked.$self->{port}";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		%running = ();
		eval { $self->serve($udp, $tcp) };
		print STDERR $@ if $@;
		POSIX::_exit(0);
	}
	$running{$pid} = 1;
	$self->{pid} = $pid;
	return $self;
}

sub stop {
	my ($self) = @_;
	my $pid = delete $self->{pid} or return;
	kill 'KILL', $pid;
	waitpid $pid, 0;
	delete $running{$pid};
}

sub asked {
	my ($self) = @_;
	open my $in, '<', $self->{file} or return;
	chomp(my @lines = <$in>);
	return @lines;
}

# name, type and where the question ends
sub question {
	my ($bytes) = @_;
	my ($at, @labels) = (12);
	while (my $length = ord(substr($bytes, $at, 1) || "\0")) {
		push @labels, lc substr $bytes, $at + 1, $length;
		$at += 1 + $length;
	}
	return (join('.', @labels), unpack('n', substr $bytes, $at + 1, 2), $at + 5);
}

# The question with a header of our own, and no records.
sub reply {
	my ($bytes, $rcode, $flags) = @_;
	my (undef, undef, $end) = question($bytes);
	return pack('n n n n n n', unpack('n', $bytes), 0x8180 | $rcode | ($flags // 0), 1, 0, 0, 0) . substr $bytes, 12, $end - 12;
}

sub skip_name {
	my ($bytes, $at) = @_;
	while (1) {
		my $length = ord substr $bytes, $at, 1;
		return $at + 1 if !$length;
		return $at + 2 if $length >= 0xc0;
		$at += 1 + $length;
	}
}

# Without RRSIG, NSEC, NSEC3, NSEC3PARAM, and DNSKEY and DS too.
sub strip {
	my ($bytes) = @_;
	my ($id, $flags, @counts) = unpack 'n6', $bytes;
	my (undef, undef, $at) = question($bytes);
	my $out = substr $bytes, 12, $at - 12;
	my %drop = map { $_ => 1 } 46, 47, 50, 51, 43, 48;
	my @left = (0, 0, 0);
	for my $section (0 .. 2) {
		for (1 .. $counts[ $section + 1 ]) {
			my $body = skip_name($bytes, $at);
			my ($type, undef, undef, $length) = unpack 'n n N n', substr $bytes, $body, 10;
			my $end = $body + 10 + $length;
			# a name may point into what was taken out: only whole messages without such pointers survive, as in small zones
			if (!$drop{$type}) {
				$out .= substr $bytes, $at, $end - $at;
				$left[$section]++;
			}
			$at = $end;
		}
	}
	return pack('n6', $id, $flags & ~0x20, 1, @left) . $out;
}

sub serve {
	my ($self, $udp, $tcp) = @_;
	my $upstream = sub { IO::Socket::INET->new(PeerAddr => $self->{zones}{address}, PeerPort => $self->{zones}{port}, Proto => $_[0]) };
	open my $log, '>>', $self->{file} or die "$self->{file}: $!\n";
	$log->autoflush(1);
	my $up = $upstream->('udp');
	my ($next, %waiting, @late) = (1);    # id at the upstream -> [ask, peer, rule]
	my $select = IO::Select->new($udp, $tcp, $up);
	my $send = sub { my ($bytes, $peer) = @_; send $udp, $bytes, 0, $peer };
	my $pass = sub {
		my ($bytes, $peer, $rule) = @_;
		my $id = $next = $next % 65535 + 1;
		$waiting{$id} = [ unpack('n', $bytes), $peer, $rule ];
		send $up, pack('n', $id) . substr($bytes, 2), 0;
	};
	while (1) {
		my $wait = @late ? $late[0][0] - time : 5;
		for my $socket ($select->can_read($wait > 0 ? $wait : 0)) {
			if ($socket == $up) {
				defined recv $up, my $bytes, 65535, 0 or next;
				my $w = delete $waiting{ unpack 'n', $bytes } or next;
				$bytes = pack('n', $w->[0]) . substr $bytes, 2;
				$send->($w->[2] eq 'strip' ? strip($bytes) : $bytes, $w->[1]);
				next;
			}
			my ($bytes, $peer, $connection) = ('');
			if ($socket == $tcp) {
				$connection = $tcp->accept or next;
				read $connection, my $length, 2;
				read $connection, $bytes, unpack 'n', $length if length $length == 2;
			}
			else {
				$peer = recv $udp, $bytes, 65535, 0;
			}
			next if length $bytes < 17;
			my ($name, $type) = question($bytes);
			my $kind = $connection ? 'tcp' : 'udp';
			print $log "$name $type $kind\n";
			my $rule = $self->{rule}->($name, $type, $connection ? 1 : 0) // '';
			my %made = (
				servfail => sub { reply($bytes, 2) },
				refused => sub { reply($bytes, 5) },
				nxdomain => sub { reply($bytes, 3) },
				empty => sub { reply($bytes, 0) },
				truncate => sub { reply($bytes, 0, 0x200) },
				garbage => sub { pack('n', unpack 'n', $bytes) . join '', map { chr rand 256 } 1 .. 200 },
				short => sub { substr $bytes, 0, 5 },
				echo => sub { $bytes },
				'wrong-id' => sub { pack('n', 1 + unpack 'n', $bytes) . substr reply($bytes, 0), 2 },
			);
			next if $rule eq 'drop';
			if ($connection) {
				if ($made{$rule} && $rule ne 'truncate') {
					my $answer = $made{$rule}->();
					print $connection pack('n', length $answer), $answer;
					next;
				}
				my $there = $upstream->('tcp') or next;
				print $there pack('n', length $bytes), $bytes;
				$there->flush;
				read $there, my $length, 2;
				read $there, my $answer, unpack 'n', $length;
				print $connection $length, $answer;
				close $connection;
			}
			elsif ($made{$rule}) {
				$send->($made{$rule}->(), $peer);
			}
			elsif ($rule =~ /^\d+$/) {
				@late = sort { $a->[0] <=> $b->[0] } @late, [ time + $rule / 1000, $bytes, $peer ];
			}
			else {
				$pass->($bytes, $peer, $rule);
			}
		}
		while (@late && $late[0][0] <= time) {
			my (undef, $bytes, $peer) = @{ shift @late };
			$pass->($bytes, $peer, '');
		}
	}
}

1;
