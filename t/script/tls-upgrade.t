#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# An upgrade hands the listening sockets over, but no connection of TLS: those end politely with the old server, and
# whoever connects finds the new one at once.  Sessions of the old one are not resumed by the new one.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Covend;
use IO::Select;
use IO::Socket::INET;
use Sipt::Tls;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'no IO::Socket::SSL here' if !Sipt::Tls::there();
plan skip_all => Covend::missing() if Covend::missing();
my $folder = Covend::folder();
my $port = Covend::free_port();
my $pair = Sipt::Tls::pair("$folder", 'example.com');
my $server = Covend->new(folder => $folder, text => "listen = ( \"tls:127.0.0.1:$port\" );\ntls = ( { domain = " .
	"\"example.com\"; certificate = \"$pair->{cert_file}\"; key = \"$pair->{key_file}\"; } );");
$server->start or BAIL_OUT($server->log_text);

sub secure { Sipt::Tls::start(IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) // die "connect: $!\n") }

sub options {
	my $sock = shift;
	my $id = int rand 1e9;
	my $got = '';
	Sipt::Tls::write_all($sock, "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:5;branch=z9hG4bK$id\r\n" .
		"From: <sip:a\@x.example>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: $id\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n" .
		"Content-Length: 0\r\n\r\n");
	my $end = time + 5;
	while (time < $end && $got !~ /\r\n\r\n/) {
		IO::Select->new($sock)->can_read($end - time);
		Sipt::Tls::read_some($sock, \$got) or last;
	}
	return $got =~ /^SIP\/2\.0 (\d+)/ ? $1 : "'$got'";
}

my $old = secure();
is(options($old), 200, 'the old server answers');
my $first = $server->pid;
my ($code, $out) = $server->ctl('upgrade');
is($code, 0, 'an upgrade') or diag($out, $server->log_text);
my ($second) = $out =~ /(\d+)/;
END { kill 'KILL', $second if $second }
isnt($second, $first, 'another process');
my $new = secure();
is(options($new), 200, 'who connects now is answered');
my $ends = $server->end(undef, 10);
is($ends, 'exit 0', 'the old one ends');
my ($room, $open) = ('', 1);
IO::Select->new($old)->can_read(5);
$open = Sipt::Tls::read_some($old, \$room) for 1 .. 2;
ok(!$open, 'and its connections with it');
is($room, '', 'without a word');
is(options(secure()), 200, 'its phones come again');
is(options($new), 200, 'and who is there stays');
kill 'TERM', $second;
ok($server->logs(qr/stopped.*stopped/s), 'the new one ends') or diag($server->log_text);
undef $second;
done_testing();
