# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Server;
# One covend under test: its configuration, process, control socket and log.
use strict;
use warnings;
use Fcntl qw(F_SETFD);
use IO::Select;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX ();
use Sipt::Net;
use Sipt::Tls;
use Time::HiRes qw(sleep time);

my $START_SECONDS = 20;
my $STOP_SECONDS = 10;

# Options: name, folder (a private one), text (configuration lines), ipv6.
sub new {
	my ($class, %o) = @_;
	my $self = bless { %o, log => "$o{folder}/$o{name}.log", control => "$o{folder}/$o{name}.ctl" }, $class;
	my @hosts = ('127.0.0.1', $o{ipv6} ? '::1' : ());
	$self->{port} = Sipt::Net::free_port(undef, map { my $h = $_; map { [ $_, $h ] } qw(udp tcp) } @hosts);
	$self->{tls_port} = Sipt::Net::free_port(undef, map { [ 'tcp', $_ ] } @hosts) if $o{tls};
	return $self;
}

sub tls_address {
	my ($self, $ipv6) = @_;
	return ($ipv6 ? '[::1]' : '127.0.0.1') . ":$self->{tls_port}";
}

sub address {
	my ($self, $ipv6) = @_;
	return ($ipv6 ? '[::1]' : '127.0.0.1') . ":$self->{port}";
}

# The configuration file: defaults for what the block does not say, then the block.
sub config {
	my $self = shift;
	my $plugins = $ENV{COVEN_PLUGINS} // 'build/.libs';
	my @listen = map { my $six = $_; (map { "$_:" . $self->address($six) } qw(udp tcp)),
		$self->{tls} ? 'tls:' . $self->tls_address($six) : () } 0, $self->{ipv6} ? 1 : ();
	my %default = (
		domains => '( "example.com" )',
		listen => '( ' . join(', ', map { qq("$_") } @listen) . ' )',
		$self->{tls} ? $self->certificates : (),
		data => qq("$self->{folder}/$self->{name}"),
		control => qq("$self->{control}"),
		workers => $ENV{WORKERS} // 1,
		plugin_path => '( ' . join(', ', map { '"' . POSIX::getcwd() . "/$_\"" =~ s{//+}{/}gr } $plugins) . ' )',
	);
	$default{plugin_path} = qq(( "$plugins" )) if $plugins =~ m{^/};
	my @lines = map { "$_ = $default{$_};" } grep { $self->{text} !~ /^\s*$_\s*[=:]/m } sort keys %default;
	return join("\n", @lines, $self->with_store) . "\n";
}

# Of a private authority, for the first of its domains.
sub certificates {
	my $self = shift;
	my ($domain) = $self->{text} =~ /^\s*domains\s*[=:]\s*\(\s*"([^"]+)"/m ? $1 : 'example.com';
	my $pair = Sipt::Tls::pair($self->{folder}, $domain);
	return (tls => qq(( { domain = "$domain"; certificate = "$pair->{cert_file}"; key = "$pair->{key_file}"; } )),
		tls_trust => '"' . Sipt::Tls::authority($self->{folder})->{cert_file} . '"');
}

# COVEN_STORE=store-memory: with that store instead of the usual one, if the chain is the usual one.
sub with_store {
	my $self = shift;
	my ($store, $usual) = ($ENV{COVEN_STORE} // '', 'store-lmdb');
	return $self->{text} if $store eq '' || $store eq $usual || $self->{text} =~ /plugins_only|"$usual"/;
	my $entries = qq({ name = "$usual"; enabled = false; }, { name = "$store"; });
	return $self->{text} =~ s/^(\s*plugins\s*[=:]\s*\()(\s*\))?/$2 ? "$1 $entries )" : "$1 $entries,"/mre
		if $self->{text} =~ /^\s*plugins\s*[=:]/m;
	return "$self->{text}\nplugins = ( $entries );";
}

sub write_config {
	my $self = shift;
	my $file = "$self->{folder}/$self->{name}.conf";
	open my $out, '>', $file or die "$file: $!\n";
	print $out $self->config;
	close $out;
	return $file;
}

# Starts covend and waits until it is ready; gives nothing, or why it is not.
sub start {
	my $self = shift;
	my $file = $self->write_config;
	mkdir "$self->{folder}/$self->{name}", 0700;
	pipe my $read, my $write or die "pipe: $!\n";
	my @command = (split(' ', $ENV{COVEND} // 'build/covend'), '-c', $file, '--ready-fd', fileno $write, '--test-clock');
	$self->{pid} = fork // die "fork: $!\n";
	$self->run($write, @command) if !$self->{pid};
	close $write;
	my $said = '';
	my $end = time + $START_SECONDS;
	while ($said !~ /\n/) {
		IO::Select->new($read)->can_read($end - time) or return "not ready after $START_SECONDS s";
		sysread $read, $said, 100, length $said or last;
	}
	return if $said eq "ready\n";
	return 'ended at its start, ' . $self->reap($STOP_SECONDS) if $said eq '';
	return "said '$said' instead of ready";
}

sub run {
	my ($self, $ready, @command) = @_;
	fcntl $ready, F_SETFD, 0;
	open STDIN, '<', '/dev/null';
	open STDOUT, '>>', $self->{log};
	open STDERR, '>&', \*STDOUT;
	{ no warnings 'exec'; exec { $command[0] } @command }
	print STDERR "cannot run $command[0]: $!\n";
	POSIX::_exit(127);
}

# Waits for the end of the process: "exit code N", "signal N", or that it had to be killed.
sub reap {
	my ($self, $seconds, $again) = @_;
	my $pid = $self->{pid} // return 'was not running';
	my ($began, $end) = (time, time + $seconds);
	while (!waitpid $pid, POSIX::WNOHANG()) {
		kill 'TERM', $pid if $again && time > $began + 0.02;
		if (time > $end) {
			kill 'KILL', $pid;
			waitpid $pid, 0;
			delete $self->{pid};
			return 'did not end and was killed';
		}
		sleep 0.002;
	}
	delete $self->{pid};
	return $? & 127 ? 'signal ' . ($? & 127) : 'exit code ' . ($? >> 8);
}

# Stops covend by a signal; gives what was wrong with that, or nothing.
sub stop {
	my ($self, $signal) = @_;
	$self->{pid} or return;
	kill $signal // 'TERM', $self->{pid};
	# the ladder is over: what it left open nobody will finish, and the second signal ends at once
	my $end = $self->reap($STOP_SECONDS, !defined $signal);
	return "$self->{name}: $end instead of exit code 0" if !defined $signal && $end ne 'exit code 0';
	my ($report) = grep { /Sanitizer|runtime error:/ } $self->log_lines;
	return "$self->{name}: $report" if defined $report;
	return;
}

# One command on the control socket, as words; gives the decoded answer.
sub command {
	my ($self, @words) = @_;
	my $sock = IO::Socket::UNIX->new(Peer => $self->{control}) or die "$self->{control}: $!\n";
	print $sock JSON::PP->new->canonical->encode({ words => \@words }), "\n";
	$sock->flush;
	my ($got, @rows) = ('');
	while (1) {
		# a long answer comes in pieces
		while ($got =~ s/^([^\n]*)\n//) {
			my $answer = JSON::PP->new->utf8->decode($1);
			push @rows, @{ $answer->{rows} // [] };
			return { %$answer, rows => \@rows } unless $answer->{more};
		}
		IO::Select->new($sock)->can_read(30) or die "$self->{name} does not answer @words\n";
		sysread $sock, $got, 65536, length $got or die "$self->{name} answers nothing to @words\n";
	}
}

sub clock {
	my ($self, $duration) = @_;
	my $answer = $self->command('clock', 'advance', $duration);
	die "$self->{name}: clock advance $duration: $answer->{error}\n" unless $answer->{ok};
}

sub log_lines {
	my $self = shift;
	open my $in, '<', $self->{log} or return;
	return map { chomp; $_ } <$in>;
}

1;
