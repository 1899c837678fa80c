#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# The control socket and covenctl: answers, refusals, whoever sends nonsense, a socket left behind, and the test clock on
# several workers.
use strict;
use warnings;
use File::Temp;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $build = $ENV{top_builddir} // 'build';
my $covend = $ENV{COVEND} // "$build/covend";
my $covenctl = $ENV{COVENCTL} // "$build/covenctl";
plan skip_all => "no $covend" if !-x $covend;
plan skip_all => "no $covenctl" if !-x $covenctl;

my $folder = File::Temp->newdir('coven-control-XXXXXX', TMPDIR => 1);
my $socket = "$folder/data/control";
my %running;
mkdir "$folder/data", 0700;
END { kill 'KILL', keys %running }

sub free_port {
	my $sock = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp') or die "no port: $!\n";
	return $sock->sockport;
}

sub configure {
	my ($name, $more) = @_;
	open my $out, '>', "$folder/$name" or die "$name: $!\n";
	printf $out qq(domains = ("example.com"); listen = ("udp:127.0.0.1:%d"); data = "$folder/data";\n), free_port();
	print $out qq(workers = 4; plugins_only = (); $more\n);
	close $out;
	return "$folder/$name";
}

# Starts covend; gives its process once it is ready, or undef.
sub start {
	my ($conf, @more) = @_;
	pipe my $read, my $write or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		$^F = 100;
		POSIX::dup2(fileno $write, 9);
		open STDOUT, '>>', "$folder/log";
		open STDERR, '>&', \*STDOUT;
		exec $covend, '-c', $conf, '--ready-fd', 9, @more or POSIX::_exit(127);
	}
	close $write;
	$running{$pid} = 1;
	my $said = '';
	sysread $read, $said, 100 if IO::Select->new($read)->can_read(20);
	return $pid if $said eq "ready\n";
	end($pid);
	return;
}

sub end {
	my ($pid, $signal) = @_;
	kill $signal, $pid if $signal;
	for (1 .. 1000) {
		last if waitpid $pid, POSIX::WNOHANG();
		sleep 0.01;
	}
	my $status = $?;
	delete $running{$pid};
	return $status & 127 ? 'signal ' . ($status & 127) : $status >> 8;
}

# exit code, output and error output of covenctl
sub ctl {
	my (@words) = @_;
	my $command = join ' ', map { "'$_'" } $covenctl, '-s', $socket, @words;
	my $out = `$command 2>$folder/err`;
	my $code = $? >> 8;
	open my $in, '<', "$folder/err" or die "err: $!\n";
	local $/;
	return ($code, $out, scalar <$in> // '');
}

sub client { IO::Socket::UNIX->new(Peer => $socket) }

# What comes back until the server closes, or for half a second
sub answer_to {
	my ($bytes, $shut) = @_;
	my $client = client() or return 'no connection';
	local $SIG{PIPE} = 'IGNORE';
	syswrite $client, $bytes;
	shutdown $client, 1 if $shut;
	my $got = '';
	while (IO::Select->new($client)->can_read(5)) {
		sysread $client, $got, 65536, length $got or last;
	}
	return $got;
}

my $conf = configure('a.conf', '');
my $pid = start($conf, '--test-clock');
ok($pid, 'covend is ready') or BAIL_OUT('covend does not start');
is(sprintf('%o', (stat $socket)[2] & 07777), '600', 'the socket is private');

# -- answers
my ($code, $out, $err) = ctl('status');
is($code, 0, 'status') or diag($err);
like($out, qr/^workers +4$/m, 'says how many workers there are');
($code, $out) = ctl('--json', 'status');
my $status = JSON::PP->new->decode($out);
is($status->{status}[0]{workers}, 4, 'the same as JSON');
is($status->{status}[0]{uptime}, 0, 'time stands still');
($code, $out) = ctl('help');
like($out, qr/^clock advance DURATION +\S/m, 'help lists the commands');
is_deeply([ ctl('clock', 'advance', '90500ms') ], [ 0, '', '' ], 'the clock moves');
($code, $out) = ctl('--json', 'status');
is(JSON::PP->new->decode($out)->{status}[0]{uptime}, 90, 'by 90 seconds');

# -- the log
is_deeply([ ctl('--json', 'log') ], [ 0, qq({"log": [{"level": "info"}]}\n), '' ], 'log alone shows the level');
is((ctl('log', 'loud'))[0], 2, 'no such level');
is((ctl('log', 'error'))[0], 0, 'less of it');
is_deeply([ ctl('log', '--json') ], [ 0, qq({"log": [{"level": "error"}]}\n), '' ], '--json may stand behind, too');
is((ctl('log', 'info'))[0], 0, 'as it was');

# -- help
($code, $out) = ctl('help', 'clock');
is($code, 0, 'help of one command');
like($out, qr/\Acommand +what\nclock advance DURATION +\S[^\n]*\n\z/, 'that one alone');
is_deeply([ ctl('clock', '--help') ], [ ctl('help', 'clock') ], 'COMMAND --help is the same');
is_deeply([ (ctl('help', 'clokc'))[0, 2] ], [ 2, "covenctl: no command \"clokc\"; did you mean \"clock\"?\n" ], 'help of none');

# -- refusals
is_deeply([ ctl('clock', 'advance', 'soon') ], [ 1, '', "covenctl: \"soon\" is no duration like 500ms or 32s\n" ], 'no duration');
is_deeply([ ctl('clock', 'advance', '-1s') ], [ 1, '', "covenctl: \"-1s\" is no duration like 500ms or 32s\n" ], 'backwards');
is_deeply([ ctl('clock') ], [ 2, '', "covenctl: usage: covenctl clock advance DURATION\n" ], 'too few words');
is_deeply([ ctl('status', 'x') ], [ 2, '', "covenctl: usage: covenctl status\n" ], 'too many words');
is_deeply([ ctl('stauts') ], [ 2, '', "covenctl: no command \"stauts\"; did you mean \"status\"?\n" ], 'a slip of the pen');
is_deeply([ ctl("\e[2J") ], [ 2, '', "covenctl: no command \"?[2J\"\n" ], 'nothing steers the terminal');
is((ctl())[0], 2, 'no command at all');
is((ctl('--what'))[0], 2, 'an unknown option');
is((ctl('--version'))[0], 0, '--version');

# -- nonsense: a clear line, and the connection ends
my $form = 'a request is one line of JSON';
my %nonsense = (
	"\n" => $form, "hello\n" => $form, "[]\n" => $form, "\xff\xfe\n" => $form, '[' x 60000 . "\n" => $form,
	qq({"words":[],"words":[]}\n) => $form,
	"{}\n" => 'must be a list', qq({"words":[1]}\n) => 'must be a list',
	'{"words":[' . join(',', ('"a"') x 65) . "]}\n" => 'must be a list',
	'x' x 65536 => 'the line is too long',
);
for my $bytes (sort keys %nonsense) {
	my $got = answer_to($bytes);
	my $name = substr($bytes, 0, 20) =~ s/[^ -~]/?/gr;
	like($got, qr/^\{"ok":false,"status":1,"error":"[^\n]*\Q$nonsense{$bytes}\E[^\n]*\}\n\z/, "refused: $name");
}
like(answer_to('{"words":["status"]}', 1), qr/the line has no end/, 'a line without an end');
like(answer_to(qq({"words":[]}\n), 1), qr/"error":"no command"/, 'no words');

# -- several requests on one connection
my @lines = split /\n/, answer_to(qq({"words":["clock","advance","1ms"]}\n) x 20 . qq({"words":["help"]}\n), 1);
is(scalar(grep { /^\{"ok":true,"name":"clock"/ } @lines), 20, 'twenty requests at once: twenty answers');
like($lines[-1], qr/^\{"ok":true,"name":"help"/, 'in their order');

# -- clients that go away while their command runs
for (1 .. 20) {
	my $client = client() or next;
	syswrite $client, qq({"words":["clock","advance","1s"]}\n) x 5;
}
is((ctl('status'))[0], 0, 'clients that went away do no harm');

# -- too many
my @many = grep { defined } map { client() } 1 .. 70;
is((ctl('status'))[2], "covenctl: too many clients\n", 'seventy clients are too many');
@many = ();
sleep 0.2;
is((ctl('status'))[0], 0, 'when they have gone there is room again');

SKIP: {
	skip 'only root can be somebody else', 1 if $>;
	chmod 0711, "$folder", "$folder/data";
	chmod 0666, $socket;
	my $got = `perl -MIO::Socket::UNIX -e '\$) = \$( = 65534; \$> = \$< = 65534; my \$s = IO::Socket::UNIX->new(Peer => "$socket") or exit; print \$s->getline'`;
	like($got, qr/only root and the server's own user may ask/, 'others are refused even where the file lets them in');
	chmod 0600, $socket;
}

# -- the socket
my $other = configure('b.conf', '');
ok(!start($other), 'a second one with the same socket does not start');
is((ctl('status'))[0], 0, 'the first one does not mind');
end($pid, 'KILL');
ok(-S $socket, 'a killed one leaves its socket');
is((ctl('status'))[0], 3, 'nobody is there');
like((ctl('status'))[2], qr/^covenctl: \Q$socket\E: covend is not running here[^\n]*\n\z/, 'one line, which names the socket');
like((ctl('reg', '--help'))[1], qr/^covenctl reg list/, 'help without a server');
is((ctl('help', 'clokc'))[0], 2, 'and none of what is not known');
$pid = start($conf);
ok($pid, 'the next one takes its place');
is_deeply([ ctl('clock', 'advance', '1s') ], [ 1, '', "covenctl: time is real: covend runs without --test-clock\n" ],
	'real time is not moved');
is((ctl('stop'))[0], 0, 'stop');
is(end($pid), 0, 'it ends well');
ok(!-e $socket, 'and takes its socket along');
open my $file, '>', $socket;
ok(!start($conf), 'a file in the place of the socket is left alone');
ok(-f $socket, 'it is still there');

open my $log, '<', "$folder/log" or die "log: $!\n";
my @log = <$log>;
is(scalar(grep { /another covend is running with it/ } @log), 1, 'one line about the one that runs');
is(scalar(grep { /there is a file of this name that is no socket/ } @log), 1, 'one line about the file');
is(join('', grep { /Sanitizer|runtime error/ } @log), '', 'nothing from a sanitizer');
done_testing();
