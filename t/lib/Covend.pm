# SPDX-License-Identifier: GPL-3.0-or-later
package Covend;
# covend as the script tests start, ask and end it: a folder of its own, a free port, and never anything left behind.
use strict;
use warnings;
use Cwd ();
use Fcntl qw(F_SETFD);
use File::Temp ();
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep time);

my $build = Cwd::abs_path($ENV{top_builddir} // 'build') // 'build';
my $covend = $ENV{COVEND} // "$build/covend";
my $covenctl = $ENV{COVENCTL} // "$build/covenctl";
my %running;

use constant { READY => 20, ENDS => 10 };    # seconds

END {
	my $status = $?;
	kill 'KILL', keys %running;
	waitpid $_, 0 for keys %running;
	$? = $status;
}

sub missing { -x $covend && -x $covenctl ? undef : "no $covend" }
sub build { $build }
sub program { $covend }
sub ctl_program { $covenctl }

sub folder { File::Temp->newdir('coven-test-XXXXXX', TMPDIR => 1) }

sub free_port {
	while (1) {
		my $udp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or die "no port: $!\n";
		my $tcp = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $udp->sockport, Proto => 'tcp',
			Listen => 1) or next;
		return $udp->sockport;
	}
}

sub slurp {
	my ($file) = @_;
	open my $in, '<:raw', $file or return '';
	local $/;
	return scalar(<$in>) // '';
}

# Options: folder, name, text (lines of configuration; they go before the usual ones), args, env, bare (no -c).
sub new {
	my ($class, %o) = @_;
	my $self = bless { name => 'covend', text => '', args => [], env => {}, %o }, $class;
	$self->{port} //= free_port();
	$self->{data} //= "$self->{folder}/$self->{name}";
	$self->{control} //= "$self->{data}/control";
	$self->{log} = "$self->{folder}/$self->{name}.log";
	$self->{file} = "$self->{folder}/$self->{name}.conf";
	$self->configure if !$self->{bare};
	return $self;
}

sub configure {
	my ($self) = @_;
	my %usual = (
		domains => '("example.com")',
		listen => qq(("udp:127.0.0.1:$self->{port}", "tcp:127.0.0.1:$self->{port}")),
		data => qq("$self->{data}"),
		control => qq("$self->{control}"),
		plugin_path => qq(("$build/.libs")),
	);
	open my $out, '>', $self->{file} or die "$self->{file}: $!\n";
	print $out map { "$_ = $usual{$_};\n" } grep { $self->{text} !~ /^\s*$_\s*=/m } sort keys %usual;
	print $out "$self->{text}\n";
	close $out;
}

# Starts it; true once it says that it is ready. `as`: a uid to become first; `under`: words before covend.
sub start {
	my ($self, %o) = @_;
	pipe my $read, my $write or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', $self->{log};
		open STDERR, '>&', \*STDOUT;
		fcntl $write, F_SETFD, 0;
		$ENV{$_} = $self->{env}{$_} for keys %{ $self->{env} };
		delete $ENV{$_} for grep { !defined $self->{env}{$_} } keys %{ $self->{env} };
		$ENV{WATCHDOG_PID} = $$ if $ENV{WATCHDOG_USEC};
		POSIX::setgid($o{as}), POSIX::setuid($o{as}) if $o{as};
		$o{first}->() if $o{first};
		no warnings 'exec';
		exec $covend, $self->{bare} ? () : ('-c', $self->{file}), '--ready-fd', fileno $write, @{ $self->{args} };
		POSIX::_exit(127);
	}
	close $write;
	@$self{qw(pid said)} = ($pid, '');
	$running{$pid} = 1;
	while ($self->{said} !~ /\n/ && IO::Select->new($read)->can_read(READY)) {
		sysread $read, $self->{said}, 100, length $self->{said} or last;
	}
	return $self->{said} eq "ready\n";
}

sub pid { $_[0]{pid} }

# Sends a signal, if any, and waits for the end: "exit 0", "signal 9", or "runs".
sub end {
	my ($self, $signal, $seconds) = @_;
	my $pid = $self->{pid} // return $self->{ended} // 'was never started';
	kill $signal, $pid if $signal;
	my $limit = time + ($seconds // ENDS);
	until (waitpid $pid, POSIX::WNOHANG()) {
		return 'runs' if time > $limit;
		sleep 0.005;
	}
	delete $running{$pid};
	delete $self->{pid};
	return $self->{ended} = $? & 127 ? 'signal ' . ($? & 127) : 'exit ' . ($? >> 8);
}

sub log_text { slurp($_[0]{log}) }

# Waits until the log has it.
sub logs {
	my ($self, $pattern, $seconds) = @_;
	my $limit = time + ($seconds // 5);
	until ($self->log_text =~ $pattern) {
		return !1 if time > $limit;
		sleep 0.01;
	}
	return 1;
}

# One command, as words, on the control socket; the decoded answer, or nothing.
sub command {
	my ($self, @words) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => $self->{control}) or return;
	print $socket JSON::PP->new->canonical->encode({ words => \@words }), "\n";
	$socket->flush;
	my $line = '';
	while ($line !~ /\n/) {
		IO::Select->new($socket)->can_read(20) or return;
		sysread $socket, $line, 65536, length $line or return;
	}
	return JSON::PP->new->utf8->decode($line);
}

# Exit code and both outputs of covenctl.
sub ctl {
	my ($self, @words) = @_;
	my $command = join ' ', map { "'$_'" } $covenctl, '-s', $self->{control}, @words;
	my $out = `$command 2>&1`;
	return ($? >> 8, $out);
}

1;
