#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Handshakes: which certificate, which versions, who is too slow, who is too many, who speaks something else; and what a
# reload, an upgrade and the end mean for connections that are there.
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
my $HALF_OPEN = 500;
my $folder = Covend::folder();
my ($port, $plain) = (Covend::free_port(), Covend::free_port());
my @pairs = map { Sipt::Tls::pair("$folder", $_) } qw(example.com b.example);
my $later = Sipt::Tls::pair("$folder", 'later', subjectAltNames => [ [ DNS => 'example.com' ] ]);

sub text {
	my @rows = map { qq({ domain = "$_->[0]"; certificate = "$_->[1]{cert_file}"; key = "$_->[1]{key_file}"; }) } @_;
	return "listen = ( \"tls:127.0.0.1:$port\", \"udp:127.0.0.1:$plain\" );\ntls = ( " . join(', ', @rows) .
		" );\ntls_trust = \"$folder/ca.crt\";\nconnections_per_source = 1000;\nlog_level = \"debug\";";
}

my $server = Covend->new(folder => $folder, text => text([ 'example.com', $pairs[0] ], [ 'b.example', $pairs[1] ]),
	args => ['--test-clock']);
$server->start or BAIL_OUT("covend does not start: " . $server->log_text);

sub raw {
	my $from = shift // '127.0.0.1';
	return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port, LocalAddr => $from, Proto => 'tcp')
		// die "connect: $!\n";
}

sub secure {
	my %o = @_;
	return eval { Sipt::Tls::start(raw(), %o) };
}

# What comes within the seconds; nothing: the end.
sub read_for {
	my ($sock, $seconds) = @_;
	my $got = '';
	my $end = time + $seconds;
	while (time < $end && $got !~ /\r\n\r\n/) {
		next if !IO::Select->new($sock)->can_read($end - time);
		my $n = sysread $sock, $got, 65536, length $got;
		return $got if defined $n && $n == 0;
	}
	return $got eq '' ? undef : $got;
}

sub options {
	my ($sock, $transport) = @_;
	my $id = int rand 1e9;
	Sipt::Tls::write_all($sock, "OPTIONS sip:example.com SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:5;branch=z9hG4bK$id\r\n" .
		"From: <sip:a\@x.example>;tag=1\r\nTo: <sip:example.com>\r\nCall-ID: $id\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n" .
		"Content-Length: 0\r\n\r\n");
	my $got = read_for($sock, 5) // '';
	return $got =~ /^SIP\/2\.0 (\d+)/ ? $1 : "'$got'";
}

sub names {
	my $sock = shift // return 'nobody';
	my @names = $sock->peer_certificate('subjectAltNames');
	return join ' ', sort map { $names[$_] } grep { $_ % 2 } 0 .. $#names;
}

sub status {
	my $answer = $server->command('status') // {};
	return $answer->{rows}[0] // {};
}

# -- which certificate
is(names(secure(host => 'b.example')), 'b.example sip:b.example', 'who asks for the second domain gets it');
is(names(secure(host => 'B.EXAMPLE')), 'b.example sip:b.example', 'in any case');
is(names(secure(host => 'c.example')), 'example.com sip:example.com', 'others get the first');
is(names(secure()), 'example.com sip:example.com', 'and who asks for none, too');
my $phone = secure(host => 'example.com', pair => $pairs[1]);
is(options($phone), 200, 'a request over TLS is answered');
is($phone->get_sslversion, 'TLSv1_3', 'by TLS 1.3');
ok($server->logs(qr/debug tls: accepted: TLSv1\.3, \S+, proven by authorities, b\.example/), 'who comes with a certificate is known');
is(options(secure(SSL_version => 'TLSv1_2')), 200, 'TLS 1.2 will do');

sub s_client {
	my ($input, @args) = @_;
	return scalar `printf '$input' | timeout 10 openssl s_client -connect 127.0.0.1:$port @args 2>&1`;
}
like(s_client('', qw(-tls1_1 -cipher DEFAULT@SECLEVEL=0)), qr/alert protocol version|no protocols available/, 'TLS 1.1 will not');
like(s_client('R\n', qw(-tls1_2)), qr/no renegotiation/, 'nor will another handshake on the same connection');
like(s_client('', qw(-tls1_3 -no_ign_eof)), qr/Compression: NONE/, 'nothing is compressed');

# -- a session goes on
my $context = do {
	require IO::Socket::SSL;
	IO::Socket::SSL::SSL_Context->new(SSL_verify_mode => 0, SSL_session_cache_size => 10, SSL_version => 'TLSv1_2');
};
my $resumed = 0;
for (1 .. 3) {
	my $sock = IO::Socket::SSL->start_SSL(raw(), SSL_reuse_ctx => $context, SSL_session_key => 'x') or next;
	$resumed += $sock->get_session_reused ? 1 : 0;
	options($sock);
	close $sock;
}
is($resumed, 2, 'sessions are resumed');
is(status()->{tls_resumed}, 2, 'and counted');

my $session = "$folder/session";
my @shown = ('-tls1_3', '-cert', $pairs[1]{cert_file}, '-key', $pairs[1]{key_file});
for my $wait (0.5, 2, 5) { # its ticket comes after the handshake
	`(sleep $wait) | timeout 10 openssl s_client -connect 127.0.0.1:$port @shown -sess_out '$session' 2>&1`;
	last if -s $session;
}
like(scalar `(sleep 1) | timeout 10 openssl s_client -connect 127.0.0.1:$port @shown -sess_in '$session' 2>&1`,
	qr/^Reused, TLSv1\.3/m, 'of TLS 1.3, too');
ok($server->logs(qr/accepted, resumed: TLSv1\.3, \S+, proven by authorities, b\.example/), 'and it is known who that was');

# -- who speaks something else
my $garbage = raw();
print $garbage "INVITE sip:a\@example.com SIP/2.0\r\n\r\n";
is(read_for($garbage, 5), '', 'SIP without TLS is not answered');
my $noise = raw();
print $noise "\x16\x03\x01\x00\x20", map { chr int rand 256 } 1 .. 0x20;
ok(defined read_for($noise, 5), 'noise in a record is not waited for');
is(options($phone), 200, 'others do not notice');

# -- who is slow, and who are many
my @half = map { raw('127.0.0.' . (1 + $_ % 5)) } 1 .. $HALF_OPEN;
my $half_hello = raw('127.0.0.9');
print $half_hello "\x16\x03\x01\x02\x00\x01\x00";
is(options($phone), 200, "$HALF_OPEN that never begin hold up nobody");
is(options(secure() // BAIL_OUT('no handshake')), 200, 'not even who comes after them');
is(status()->{tls_connections} >= $HALF_OPEN, 1, 'they are there');
$server->command('clock', 'advance', '4900ms');
is(status()->{tls_connections} >= $HALF_OPEN, 1, 'for five seconds');
$server->command('clock', 'advance', '100ms');
is(read_for($half_hello, 5), '', 'then they are closed');
is(scalar(grep { defined read_for($_, 1) } @half), $HALF_OPEN, 'all of them');
is(options($phone), 200, 'and nobody else');
my @crowd = map { raw('127.0.0.7') } 1 .. 140;
sleep 0.2;
my $refused = grep { IO::Select->new($_)->can_read(0) } @crowd;
is($refused, 12, 'one address may have 128 handshakes begun, and no more');
is(options(secure()), 200, 'which is no matter for others');
undef @crowd;

# -- reloads
my $talking = secure(host => 'b.example');
is(options($talking), 200, 'a connection');
$server->{text} = text([ 'example.com', $later ]);
$server->configure;
my ($code, $out) = $server->ctl('reload');
is($code, 0, 'other certificates') or diag($out);
is(options($talking), 200, 'do not harm it');
is(names(secure(host => 'b.example')), 'example.com', 'but who comes now sees them');
chmod 0644, $later->{key_file};
($code, $out) = $server->ctl('reload');
isnt($code, 0, 'a bad one');
ok($server->logs(qr/reload: \S+: tls: key \S+: others can read it/), 'is named');
is(names(secure()), 'example.com', 'and changes nothing');
chmod 0600, $later->{key_file};
$server->{text} = text([ 'example.com', $pairs[0] ]);
$server->configure;
is(($server->ctl('reload'))[0], 0, 'back again');
is(names(secure()), 'example.com sip:example.com', 'it is the first');
my $before = (Covend::slurp("/proc/@{[$server->pid]}/status") =~ /VmRSS:\s+(\d+)/)[0];
is((grep { ($server->ctl('reload'))[0] == 0 } 1 .. 20), 20, 'twenty more');
my $after = (Covend::slurp("/proc/@{[$server->pid]}/status") =~ /VmRSS:\s+(\d+)/)[0];
cmp_ok($after - $before, '<', $ENV{sanitizers} && $ENV{sanitizers} ne 'no' ? 1e9 : 8192, 'leave nothing behind');

# -- the end
is($server->end('TERM'), 'exit 0', 'it ends');
is(read_for($talking, 5), '', 'and its connections');
is(Net::SSLeay::get_shutdown($talking->_get_ssl_object) & 2, 2, 'with a close_notify, and not just an end');
unlike($server->log_text, qr/Sanitizer|runtime error/, 'no sanitizer has anything to say');
done_testing();
