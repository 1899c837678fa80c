# SPDX-License-Identifier: GPL-3.0-or-later
# A covend under load: the server with a real clock, a device that sipp plays, and calls a second by sipp through the
# server.  For tests that look at what load leaves behind.
package LoadServer;
use strict;
use warnings;
use Exporter 'import';
use File::Temp;
use IO::Select;
use IO::Socket::INET;
use POSIX ();
use Sipt::Digest;
use Time::HiRes qw(sleep time);

our @EXPORT = qw(folder server_port write_config start end kilobytes descriptors register answer_calls make_calls ctl);

my $build = $ENV{top_builddir} // 'build';
my $covend = $ENV{COVEND} // "$build/covend";
my $covenctl = $ENV{COVENCTL} // "$build/covenctl";
my $plugins = $ENV{COVEN_PLUGINS} // "$build/.libs";
my ($sipp) = grep { -x } map { "$_/sipp" } split /:/, $ENV{PATH};
die "no sipp; scripts/deps installs it\n" if !$sipp;

my $folder = File::Temp->newdir('coven-load-XXXXXX', TMPDIR => 1);
mkdir "$folder/data", 0700;
my %running;
END { kill 'KILL', keys %running }

sub port {
	return IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp')->sockport;
}
my ($server, $uas, $uac) = (port(), port(), port());


sub folder { return "$folder" }
sub server_port { return $server }

# The configuration: this, and what every server here has.
sub write_config {
	my $text = shift;
	open my $out, '>', "$folder/conf.new" or die "conf: $!\n";
	print $out <<"END";
domains = ( "example.com" );
listen = ( "udp:127.0.0.1:$server", "tcp:127.0.0.1:$server" );
data = "$folder/data";
log_level = "warn";
plugin_path = ( "$plugins" );
$text
END
	close $out;
	rename "$folder/conf.new", "$folder/conf" or die "conf: $!\n";
}

# covenctl; gives its exit code.
sub ctl {
	return system("'$covenctl' -s '$folder/data/control' @_ >'$folder/told' 2>&1") >> 8;
}

sub spawn {
	my ($log, @command) = @_;
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDIN, '<', '/dev/null';
		open STDOUT, '>>', "$folder/$log";
		open STDERR, '>&', \*STDOUT;
		exec @command or POSIX::_exit(127);
	}
	$running{$pid} = 1;
	return $pid;
}

sub start {
	pipe my $read, my $write or die "pipe: $!\n";
	$^F = 100;
	POSIX::dup2(fileno $write, 99);
	my $pid = spawn('log', $covend, '-c', "$folder/conf", '--ready-fd', 99);
	POSIX::close(99);
	close $write;
	my $said = '';
	sysread $read, $said, 100 if IO::Select->new($read)->can_read(20);
	return $said eq "ready\n" ? $pid : undef;
}

sub end {
	my ($pid, $signal, $seconds) = @_;
	kill $signal, $pid if $signal;
	my $until = time + $seconds;
	while (!waitpid $pid, POSIX::WNOHANG()) {
		return 'still there' if time > $until;
		sleep 0.02;
	}
	delete $running{$pid};
	return $? & 127 ? 'signal ' . ($? & 127) : $? >> 8;
}

sub kilobytes {
	my $pid = shift;
	open my $in, '<', "/proc/$pid/status" or return 0;
	return (map { /^RssAnon:\s+(\d+)/ ? $1 : () } <$in>)[0];
}

sub descriptors { my $pid = shift; return scalar(() = glob "/proc/$pid/fd/*") }

# bob is where sipp answers
sub register {
	my $sock = IO::Socket::INET->new(LocalAddr => '127.0.0.1', PeerAddr => "127.0.0.1:$server", Proto => 'udp');
	my $answer = '';
	for my $n (1, 2) {
		$sock->send(join "\r\n", 'REGISTER sip:example.com SIP/2.0',
			'Via: SIP/2.0/UDP 127.0.0.1:' . $sock->sockport . ";branch=z9hG4bKr$n", 'Max-Forwards: 70',
			'From: <sip:bob@example.com>;tag=1', 'To: <sip:bob@example.com>', 'Call-ID: register',
			"CSeq: $n REGISTER", "Contact: <sip:bob\@127.0.0.1:$uas>", $answer || (), 'Content-Length: 0', '', '');
		IO::Select->new($sock)->can_read(5) or return 'no answer';
		$sock->recv(my $got, 65535);
		my ($challenge) = $got =~ /^WWW-Authenticate: (.*?)\r/m or return ($got =~ /^SIP\S+ (\d+)/)[0];
		$answer = Sipt::Digest::answer(Sipt::Digest::parse($challenge, 'Authorization'), user => 'bob',
			password => 'secret', method => 'REGISTER', uri => 'sip:example.com');
	}
	return 'challenged twice';
}

sub scenario {
	my ($name, $text) = @_;
	open my $out, '>', "$folder/$name.xml" or die "$name: $!\n";
	print $out qq(<?xml version="1.0" encoding="ISO-8859-1"?>\n<scenario name="$name">\n$text</scenario>\n);
	close $out;
	return "$folder/$name.xml";
}

my $head = "From: <sip:caller\@example.net>;tag=[call_number]\nCall-ID: [call_id]\nMax-Forwards: 70\n";
my $via = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]';
# What sipp plays: a caller, and the device that is called.
my $caller = scenario('caller', <<"END");
<send retrans="500"><![CDATA[

INVITE sip:bob\@example.com SIP/2.0
$via
${head}To: <sip:bob\@example.com>
CSeq: 1 INVITE
Contact: <sip:caller\@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<recv response="100" optional="true"/>
<recv response="180" optional="true"/>
<recv response="200" rrs="true"/>
<send><![CDATA[

ACK [next_url] SIP/2.0
$via
[routes]
${head}[last_To:]
CSeq: 1 ACK
Content-Length: 0

]]></send>
<pause milliseconds="300"/>
<send retrans="500"><![CDATA[

BYE [next_url] SIP/2.0
$via
[routes]
${head}[last_To:]
CSeq: 2 BYE
Content-Length: 0

]]></send>
<recv response="200"/>
END
my $kept = "[last_Via:]\n[last_Record-Route:]\n[last_From:]\n[last_To:];tag=[pid]-[call_number]\n[last_Call-ID:]\n[last_CSeq:]";
my $callee = scenario('callee', <<"END");
<recv request="INVITE"/>
<send><![CDATA[

SIP/2.0 180 Ringing
$kept
Contact: <sip:bob\@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<send retrans="500"><![CDATA[

SIP/2.0 200 OK
$kept
Contact: <sip:bob\@[local_ip]:[local_port]>
Content-Length: 0

]]></send>
<recv request="ACK"/>
<recv request="BYE"/>
<send><![CDATA[

SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
END

sub answer_calls {
	return spawn('callee', $sipp, '-i', '127.0.0.1', '-nostdin', '-nd', '-sf', $callee, '-p', $uas);
}

sub make_calls {
	my ($rate, $calls) = @_;
	return spawn('caller', $sipp, '-i', '127.0.0.1', '-nostdin', '-nd', '-trace_err', '-error_file', "$folder/caller-errors", '-sf', $caller, '-p', $uac,
		'-r', $rate, '-m', $calls, '-timeout', int($calls / $rate) + 60, "127.0.0.1:$server");
}

1;
