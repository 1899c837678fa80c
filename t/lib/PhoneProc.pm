# SPDX-License-Identifier: GPL-3.0-or-later
# Programs started by the phone tests: private folders, ports of their own, and an end by pid.
package PhoneProc;
use strict;
use warnings;
use Exporter 'import';
use File::Temp ();
use IO::Handle;
use IO::Socket::INET;
use POSIX ();
use Time::HiRes qw(sleep time);

our @EXPORT = qw(private_dir port_block next_port wait_until slurp spew spawn);

use constant {
	BLOCK      => 64,       # ports that one test has to itself
	FIRST      => 20000,    # below the range that the kernel gives away
	LAST       => 32000,
	STOP_AFTER => 3,        # seconds between SIGTERM and SIGKILL
};

my (@running, $dir, $guard, $first, $port, $end);

# A folder that only we can read, gone at the end unless KEEP is set.
sub private_dir {
	return $dir //= File::Temp->newdir('coven-phone-XXXXXX', TMPDIR => 1, CLEANUP => !$ENV{KEEP});
}

sub port_free {
	my ($proto, $number) = @_;
	my @listen = $proto eq 'tcp' ? (Listen => 1, ReuseAddr => 1) : ();
	return IO::Socket::INET->new(Proto => $proto, LocalAddr => '127.0.0.1',
		LocalPort => $number, @listen);
}

# A block of ports that no other test will take, as first and end: the listener on its first port
# is the lock.
sub port_block {
	return ($first, $end) if $guard;
	my $blocks = int((LAST - FIRST) / BLOCK);
	my $start = int rand $blocks;
	for my $i (0 .. $blocks - 1) {
		my $base = FIRST + BLOCK * (($start + $i) % $blocks);
		my $lock = port_free('tcp', $base) or next;
		next if grep { !port_free('udp', $_) || !port_free('tcp', $_) } $base + 1 .. $base + BLOCK - 1;
		($guard, $first, $port, $end) = ($lock, $base, $base + 1, $base + BLOCK);
		return ($first, $end);
	}
	die "no free block of ports on 127.0.0.1\n";
}

# The first of `count` neighbouring ports of the block, even where RTP wants it.
sub next_port {
	my ($count) = @_;
	port_block();
	$port++ if $count && $port % 2;
	my $mine = $port;
	$port += $count // 1;
	die "a test wants more than ${\BLOCK} ports\n" if $port > $end;
	return $mine;
}

# Asks until the answer is true; gives it, or nothing when the time is over.
sub wait_until {
	my ($seconds, $question) = @_;
	my $limit = time + $seconds;
	while (1) {
		my $answer = $question->();
		return $answer if $answer;
		return if time > $limit;
		sleep 0.05;
	}
}

sub slurp {
	my ($file) = @_;
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar(<$in>) // '';
}

sub spew {
	my ($file, $text) = @_;
	open my $out, '>:raw', $file or die "$file: $!\n";
	print $out $text;
	close $out or die "$file: $!\n";
	return $file;
}

# Starts a program: name, argv, log (file for both outputs); maybe env, home, ready (a pipe at
# descriptor 3 whose first line we can wait for). Its input is a pipe that `tell` writes to.
sub spawn {
	my (%arg) = @_;
	pipe my $in, my $tell or die "pipe: $!\n";
	pipe my $ready, my $tells or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		local $SIG{__DIE__} = sub { print STDERR @_; POSIX::_exit(127) };
		%ENV = (%ENV, %{ $arg{env} // {} });
		open STDIN, '<&', $in or die "stdin: $!\n";
		open STDOUT, '>>', $arg{log} or die "$arg{log}: $!\n";
		open STDERR, '>&', \*STDOUT or die "stderr: $!\n";
		POSIX::dup2(fileno $tells, 3) if $arg{ready};
		exec { $arg{argv}[0] } @{ $arg{argv} } or die "$arg{argv}[0]: $!\n";
	}
	close $in;
	close $tells;
	$tell->autoflush(1);
	my $self = bless { %arg, pid => $pid, tell => $tell, pipe => $ready }, __PACKAGE__;
	push @running, $self;
	return $self;
}

sub pid { $_[0]{pid} }

sub name { $_[0]{name} }

sub log_text { slurp($_[0]{log}) }

sub tell_line {
	my ($self, $line) = @_;
	local $SIG{PIPE} = 'IGNORE';
	print { $self->{tell} } "$line\n";
}

# Waits for a line on descriptor 3; false if the program ended or kept silent.
sub ready_line {
	my ($self, $seconds) = @_;
	my $bits = '';
	vec($bits, fileno $self->{pipe}, 1) = 1;
	return unless select $bits, undef, undef, $seconds;
	return scalar readline $self->{pipe};
}

# True while it runs; its exit status is kept when it does not.
sub alive {
	my ($self) = @_;
	return !1 if defined $self->{status};
	if (waitpid($self->{pid}, POSIX::WNOHANG()) == $self->{pid}) {
		$self->{status} = $?;
		return !1;
	}
	return 1;
}

# Asks for an end, then insists; gives the exit status.
sub stop {
	my ($self, $signal) = @_;
	if ($self->alive) {
		kill $signal // 'TERM', $self->{pid};
		# what a test has left open is not waited for: the second signal ends at once
		wait_until(0.3, sub { !$self->alive }) or kill $signal // 'TERM', $self->{pid};
		if (!wait_until(STOP_AFTER, sub { !$self->alive })) {
			kill 'KILL', $self->{pid};
			wait_until(STOP_AFTER, sub { !$self->alive });
			$self->{killed} = 1;
		}
	}
	@running = grep { $_ != $self } @running;
	return $self->{status};
}

$SIG{$_} = sub { exit 1 } for qw(INT TERM HUP);

END {
	my $status = $?;
	my @left = reverse @running;
	$_->stop for @left;
	$? = $status;
}

1;
