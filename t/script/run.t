#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# scripts/run: accounts that a phone can use, two starts, a clean end, and one clear line for each
# thing that can be wrong; as who we are, and as an ordinary user too when that is root.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Digest::MD5 'md5_hex';
use File::Basename 'dirname';
use IO::Select;
use IO::Socket::INET;
use Socket qw(pack_sockaddr_in inet_aton);
use Test::More;
use Time::HiRes 'time';
use PhoneProc;

use constant { READY => 30, SOON => 1, NOBODY => 65534 };

my $top = dirname(dirname $FindBin::Bin);
$ENV{COVEN_BUILD} //= $ENV{top_builddir} // ($ENV{COVEND} ? dirname($ENV{COVEND}) : "$top/build");
-x "$ENV{COVEN_BUILD}/covend" or plan skip_all => "no covend in $ENV{COVEN_BUILD}";

# Runs it to its end: exit code and both outputs.
sub output_of {
	my (@command) = @_;
	my $log = private_dir() . '/once';
	unlink $log;
	my $proc = spawn(name => 'run', log => $log, argv => \@command);
	wait_until(READY, sub { !$proc->alive });
	my $status = $proc->stop;
	return ($status >> 8, slurp($log));
}

sub complains {
	my ($what, $line, @command) = @_;
	my ($code, $text) = output_of(@command);
	ok($code != 0 && $text =~ /^scripts\/run: .*$line.*\n\z/, "$what: one line, exit code $code")
		or diag($text);
}

# Starts it; gives the program, its output and the seconds until "ready".
sub begin {
	my ($log, @command) = @_;
	my $began = time;
	my $proc = spawn(name => 'run', log => $log, argv => \@command);
	my $ready = wait_until(READY, sub { !$proc->alive || slurp($log) =~ /^ready$/m });
	my $took = time - $began;
	ok($proc->alive && $ready, 'it is ready') or diag(slurp($log));
	return ($proc, slurp($log), $took);
}

# What scripts/run itself has to say, without the log of covend.
sub said { $_[0] =~ /^(.*Ctrl-C ends Coven\.\n)/s ? $1 : 'nothing' }

# Seconds of processor time of all children that have ended: a busy machine does not count.
sub cpu { (times)[2] + (times)[3] }

sub mode { sprintf '%o', (stat $_[0])[2] & 07777 }

# The request with its answer: one datagram each way, sent anew as RFC 3261 asks.
sub ask {
	my ($socket, $to, $request) = @_;
	for my $wait (0.5, 1, 2) {
		$socket->send($request, 0, $to);
		next if !IO::Select->new($socket)->can_read($wait);
		$socket->recv(my $answer, 65535);
		return $answer;
	}
	return '';
}

# Registers as a phone would that knows MD5 alone; gives the two status codes.
sub register {
	my ($user, $password, $domain, $host, $port) = @_;
	my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1')
		or die "socket: $!\n";
	my $here = '127.0.0.1:' . $socket->sockport;
	my $to = pack_sockaddr_in($port, inet_aton($host));
	my ($cseq, @codes, $credentials) = (0);
	for (1 .. 3) {
		$cseq++;
		my $answer = ask($socket, $to, join "\r\n", "REGISTER sip:$domain SIP/2.0",
			"Via: SIP/2.0/UDP $here;branch=z9hG4bKrun$$-$cseq;rport", 'Max-Forwards: 70',
			"From: <sip:$user\@$domain>;tag=run", "To: <sip:$user\@$domain>", "Call-ID: run-$user-$$",
			"CSeq: $cseq REGISTER", "Contact: <sip:$user\@$here>", 'Expires: 60',
			$credentials ? $credentials : (), 'Content-Length: 0', '', '');
		push @codes, $answer =~ m{^SIP/2\.0 (\d+)} ? $1 : 'nothing';
		last if $codes[-1] ne '401' || $credentials;
		my ($challenge) = $answer =~ /^WWW-Authenticate: *(Digest .*algorithm="?MD5"?(?:,.*)?)\r$/mi;
		$challenge // next;
		my ($realm, $nonce) = map { $challenge =~ /\b$_="(.*?)"/ ? $1 : '' } qw(realm nonce);
		my $uri = "sip:$domain";
		my $response = md5_hex(join ':', md5_hex("$user:$realm:$password"), $nonce, '00000001', 'cn',
			'auth', md5_hex("REGISTER:$uri"));
		$credentials = "Authorization: Digest username=\"$user\", realm=\"$realm\", nonce=\"$nonce\", "
			. "uri=\"$uri\", algorithm=MD5, qop=auth, nc=00000001, cnonce=\"cn\", response=\"$response\"";
	}
	return "@codes";
}

# The whole of it: first start, accounts, a registration, the end, the second start.
sub whole {
	my ($name, $dir, $uid, @as) = @_;
	note($name);
	my $port = next_port();
	my $data = "$dir/data";
	my @command = (@as, "$top/scripts/run", '--local', '--port', $port, '--data', $data);
	my ($proc, $text) = begin("$dir/log", @command);
	like($text, qr/this machine only/, 'it says where it listens');
	like($text, qr/are kept in \S+, also when/, 'and where registrations are kept');
	is(mode($data), 700, 'the folder is private');
	is(mode("$data/accounts"), 600, 'and so is the file of accounts');
	my @accounts = map { [split] } split /\n/, slurp("$data/accounts");
	ok(@accounts >= 3 && !(grep { @$_ != 4 || $_->[3] ne "127.0.0.1:$port" } @accounts),
		'name, password, domain, host:port');
	my ($user, $password, $domain) = @{ $accounts[0] };
	like($text, qr/\Q$user\E +\Q$password\E/, 'it says what to type into a phone');
	my $codes = register($user, $password, $domain, '127.0.0.1', $port);
	like($codes, qr/^401 (401 )?200$/, 'a phone registers');
	my ($owner) = slurp('/proc/' . $proc->pid . '/status') =~ /^Uid:\t(\d+)/m;
	is($owner, $uid, "covend runs as user $uid") if defined $uid;
	isnt($owner, 0, 'covend is not root');

	complains('a second one on that port', 'taken', @command);
	is($proc->stop, 0, 'SIGTERM ends it well');
	($proc, my $again, my $took) = begin("$dir/log2", @command);
	is(said($again), said($text), 'the second start says the same');
	my $before = cpu();
	is($proc->stop('INT'), 0, 'SIGINT ends it well');
	my $work = cpu() - $before;
	ok($took < SOON || $work < SOON, 'the second start was quick');
	note(sprintf '%.2f s, processor %.2f s', $took, $work);
}

my $dir = private_dir();
my $root = $> == 0;
my $run = "$top/scripts/run";
chmod 0711, $dir;
mkdir "$dir/own", 0711;
whole('as who we are', "$dir/own", $root ? undef : $>);

my ($proc, $text) = begin("$dir/log3", $run, '--port', next_port(), '--data', "$dir/own/data");
like($text, qr/listens on the network/, 'without --local it says that it listens on the network');
is($proc->stop, 0, 'and ends well');

complains('an argument nobody knows', '"--bogus"', $run, '--bogus');
complains('a port that is none', 'not a port', $run, '--port', '70000');
complains('no value', 'wants a value', $run, '--data');
mkdir "$dir/full";
spew("$dir/full/thesis", 'years of work');
complains('a folder with other things in it', 'not empty',
	$run, '--port', next_port(), '--data', "$dir/full");
spew("$dir/own/data/accounts", "alice secret\nbob \"; domains\n");
complains('a damaged file of accounts', 'accounts:2',
	$run, '--port', next_port(), '--data', "$dir/own/data");

SKIP: {
	skip 'only root becomes somebody else', 1 if !$root;
	mkdir "$dir/mine", 0700;
	complains('a folder that nobody else reaches', 'cannot reach',
		$run, '--port', next_port(), '--data', "$dir/mine/data");
}
SKIP: {
	my @as = $root ? ('setpriv', '--reuid=' . NOBODY, '--regid=' . NOBODY, '--clear-groups') : ();
	skip 'a user without rights cannot reach this build', 1
		if system("@as test -x '$ENV{COVEN_BUILD}/covend' -a -x '$run' 2>/dev/null") != 0;
	mkdir "$dir/theirs", 0700;
	chown NOBODY, NOBODY, "$dir/theirs" if $root;
	whole('as an ordinary user', "$dir/theirs", NOBODY, @as) if $root;
	complains('a folder that cannot be', 'may not',
		@as, $run, '--port', next_port(), '--data', '/proc/nothing');
	my $first = slurp('/proc/sys/net/ipv4/ip_unprivileged_port_start') || 1024;
	skip 'every port is free to all', 1 if $first < 2;
	complains('a port for root', 'root only',
		@as, $run, '--port', $first - 1, '--data', "$dir/theirs/data");
}
my ($port, $end) = port_block();
unlink map { "/run/coven-run-$_.conf" } $port .. $end - 1 if $root;
done_testing;
