#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Answers without end: events and traced messages, with four workers; what is shown of them and what is not; a pcapng file
# that tshark reads; a reader that is too slow; and that nothing is left when the last one has gone.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use IO::Socket::UNIX;
use JSON::PP ();
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => Covend::missing() if Covend::missing();

my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, args => ['--test-clock'], text => <<'E2');
workers = 4;
plugins = ( { name = "users"; accounts = ( { name = "alice"; password = "secret"; } ); } );
E2
ok($server->start, 'covend is ready') or BAIL_OUT($server->log_text);
my $phone = IO::Socket::INET->new(Proto => 'udp', PeerAddr => '127.0.0.1', PeerPort => $server->{port});
my $peer = '127.0.0.1:' . $phone->sockport;
my $number = 0;

# One request, its answer.
sub ask {
	my ($method, $id, @more) = @_;
	my $branch = 'z9hG4bK' . ++$number;
	$phone->send(join "\r\n", "$method sip:example.com SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1;rport;branch=$branch", 'Max-Forwards: 70',
		'From: <sip:alice@example.com>;tag=a', 'To: <sip:alice@example.com>', "Call-ID: $id", "CSeq: $number $method", @more,
		'Content-Length: 0', '', '');
	IO::Select->new($phone)->can_read(5) or return '';
	$phone->recv(my $answer, 65536);
	return $answer;
}

# A reader of a stream: sends the words, and waits until the server has begun.
sub watch {
	my (@words) = @_;
	my $socket = IO::Socket::UNIX->new(Peer => $server->{control}) or die "control: $!\n";
	print $socket JSON::PP->new->encode({ words => \@words }), "\n";
	$socket->flush;
	my $self = { socket => $socket, rest => '', rows => [] };
	more($self) or die "no answer to @words\n";
	return $self;
}

sub more {
	my ($self) = @_;
	while ($self->{rest} !~ /\n/) {
		IO::Select->new($self->{socket})->can_read(2) or return;
		sysread $self->{socket}, $self->{rest}, 1 << 20, length $self->{rest} or return;
	}
	$self->{rest} =~ s/^([^\n]*)\n//;
	$self->{last} = JSON::PP->new->utf8->decode($1);
	push @{ $self->{rows} }, @{ $self->{last}{rows} // [] };
	return $self->{last};
}

# The rows that came until the clock has made everything happen.
sub rows {
	my ($self) = @_;
	$server->command('clock', 'advance', '1ms') for 1 .. 2;
	while ($self->{rest} =~ /\n/ || IO::Select->new($self->{socket})->can_read(0.1)) {
		more($self) or last;
	}
	return splice @{ $self->{rows} };
}

# -- trace
my $trace = watch('trace');
is_deeply([ @{ $trace->{last} }{qw(more stream)}, scalar @{ $trace->{rows} } ], [ JSON::PP::true, JSON::PP::true, 0 ],
	'a stream begins with an empty piece');
my $challenge = ask('REGISTER', 'first');
my ($nonce) = $challenge =~ /nonce="([^"]+)"/;
ok($nonce, 'a challenge');
ask('REGISTER', 'second', 'Contact: <sip:alice@127.0.0.1:9>', 'Authorization: Digest username="alice", realm="example.com", '
	. qq(nonce="$nonce", uri="sip:example.com", response="00112233445566778899aabbccddeeff", algorithm=MD5));
my @rows = rows($trace);
is(scalar @rows, 4, 'two requests and two answers, though four workers had them') or diag(explain(\@rows));
is_deeply([ map { $_->{direction} } @rows ], [qw(in out in out)], 'in and out');
is_deeply([ sort keys %{ $rows[0] } ], [qw(direction local message peer time transport worker)], 'what is told of each');
is_deeply([ @{ $rows[0] }{qw(peer local transport)} ], [ $peer, "127.0.0.1:$server->{port}", 'udp' ], 'whence and how');
like($rows[0]{time}, qr/^2030-01-01T00:00:00\.\d{3}Z$/, 'when, by the test clock');
my $all = join "\n", map { $_->{message} } @rows;
unlike($all, qr/00112233|\Q$nonce\E/, 'neither response nor nonce');
like($all, qr/username="alice".*response="\*{32}"/, 'what may be seen is seen');
like($rows[0]{message}, qr/^REGISTER sip:example.com SIP\/2.0\r\nVia: /, 'the message as it is');
for my $case ([ ['first'], 2, 'by Call-ID' ], [ ['OPTIONS'], 2, 'by method' ], [ ['alice'], 4, 'by user' ],
	[ ['alice@example.com', 'REGISTER'], 2, 'by both' ], [ ['bob'], 0, 'of nobody' ], [ ['127.0.0.1'], 4, 'by address' ],
	[ [$peer], 4, 'by address and port' ], [ ['127.0.0.2'], 0, 'of another address' ], [ ['example.com'], 4, 'by domain' ],
	[ ['example.org'], 0, 'of another domain' ]) {
	my $one = watch('trace', @{ $case->[0] });
	ask('REGISTER', 'first');
	ask('OPTIONS', 'third');
	is(scalar(my @got = rows($one)), $case->[1], $case->[2]);
}
$phone->send("FOO\r\n\r\n");
$phone->send('OPTIONS sip:example.com SIP/2.0' . "\r\nAuthorization: Digest response=\"secret\"\r\n\r\n");
@rows = rows($trace);
is(scalar(grep { $_->{message} =~ /^FOO|response="\*+"/ } @rows), 2, 'what cannot be read is shown, without secrets');

# -- the end of a stream
print { $trace->{socket} } qq({"words":["status"]}\n);
$trace->{socket}->flush;
1 while more($trace) && $trace->{last}{more};
is_deeply([ @{ $trace->{last} }{qw(ok stream)} ], [ JSON::PP::true, JSON::PP::true ], 'whoever says something ends it');
is(more($trace)->{name}, 'status', 'and is answered');
$trace = undef;

# -- events
my $events = watch('events', 'auth-refused', 'binding');
my $others = watch('events', 'call-begun');
ask('REGISTER', 'fourth', 'Contact: <sip:alice@127.0.0.1:9>', 'Authorization: Digest username="alice", realm="example.com", '
	. qq(nonce="$nonce", uri="sip:example.com", response="00112233445566778899aabbccddeeff", algorithm=MD5));
@rows = rows($events);
is(scalar(@rows), 1, 'a refusal is an event') or diag(explain(\@rows));
is_deeply([ sort keys %{ $rows[0] } ], [qw(aor call_id code contact kind peer time why)], 'all have the same fields') if @rows;
is($rows[0]{kind}, 'auth-refused', 'its kind') if @rows;
is_deeply([ rows($others) ], [], 'other kinds are not shown');

# -- by covenctl
sub ctl_stream {
	my ($words, $do) = @_;
	pipe my $read, my $write or die;
	my $pid = fork // die;
	if (!$pid) {
		open STDOUT, '>', "$folder/out";
		open STDERR, '>&', $write;
		exec Covend::ctl_program(), '-s', $server->{control}, @$words;
	}
	close $write;
	my $begun = '';
	while ($begun !~ /interrupted/ && IO::Select->new($read)->can_read(10)) {
		sysread $read, $begun, 1000, length $begun or last;
	}
	$do->();
	my $limit = time + 5;
	sleep 0.02 until -s "$folder/out" || time > $limit;
	sleep 0.2;
	kill 'INT', $pid;
	waitpid $pid, 0;
	return ($?, Covend::slurp("$folder/out"));
}
my ($status, $out) = ctl_stream([ 'trace', 'OPTIONS' ], sub { ask('OPTIONS', 'fifth', "Subject: \xc2\x9b1m\xe2\x82\xac") });
is($status, 0, 'Ctrl-C is a good end');
like($out, qr/^\S+Z in udp 127\.0\.0\.1:$server->{port} < \Q$peer\E\n    OPTIONS sip:example\.com SIP\/2\.0\n/m, 'a message as text');
like($out, qr/^\S+Z out udp .* > .*\n    SIP\/2\.0 200 OK\n/m, 'and its answer');
like($out, qr/^    CSeq: \d+ OPTIONS\n/m, 'with its headers');
unlike($out, qr/[\x00-\x09\x0b-\x1f]|\xc2[\x80-\x9f]/, 'nothing steers the terminal');
($status, $out) = ctl_stream([ '--json', 'trace', 'OPTIONS' ], sub { ask('OPTIONS', 'sixth') });
my @lines = map { JSON::PP->new->utf8->decode($_) } split /\n/, $out;
is(scalar(@lines), 2, 'as JSON a line each');
is($lines[0]{direction}, 'in', 'with the same fields');

SKIP: {
	chomp(my $tshark = `which tshark`);
	skip 'no tshark', 7 if !$tshark;
	unlink "$folder/out";
	my $file = "$folder/out.pcapng";
	($status, $out) = ctl_stream([ 'trace', '--pcapng', $file, 'OPTIONS' ], sub { ask('OPTIONS', 'seventh', 'X: ' . 'y' x 3); sleep 0.3; system "cp $file $folder/out" });
	is($status, 0, 'into a file');
	is(sprintf('%o', (stat $file)[2] & 07777), '600', 'which is for its owner alone');
	my @packets = split /\n/, `$tshark -r $file -T fields -E separator=' ' -e ip.src -e udp.srcport -e ip.dst -e udp.dstport -e sip.Call-ID -e sip.Status-Code -e frame.comment 2>$folder/err`;
	is(scalar(@packets), 2, 'tshark sees two packets') or diag(Covend::slurp("$folder/err"));
	my $port = $phone->sockport;
	like($packets[0] // '', qr/^127\.0\.0\.1 $port 127\.0\.0\.1 $server->{port} seventh .*udp, worker \d$/, 'the request, by its addresses');
	like($packets[1] // '', qr/^127\.0\.0\.1 $server->{port} 127\.0\.0\.1 $port seventh 200 /, 'the answer the other way');
	like(`$tshark -r $file -V 2>/dev/null`, qr/Internet Protocol Version 4.*?Header Checksum: 0x[0-9a-f]+/s, 'and finds no fault');
	unlike(`$tshark -r $file 2>/dev/null`, qr/Malformed|incorrect/i, 'nothing is malformed');
}
is(($server->ctl('trace', '--pcapng'))[0], 2, '--pcapng needs a file');
is(($server->ctl('trace', '--pcapng', "$folder/no/such"))[0], 1, 'that can be written');
is(($server->ctl('trace', ('x') x 9))[0], 1, 'too many words');

# -- a reader that is too slow: 16 MB for it, of which it is told how much it has lost
my $slow = watch('trace', 'OPTIONS');
my $quick = watch('trace', 'OPTIONS');
my $seen = 0;
for my $n (1 .. 1500) {
	ask('OPTIONS', "flood$n", 'Subject: ' . 'x' x 2000);
	if ($n % 100 == 0) { $seen += grep { $_->{message} } rows($quick) }
}
$seen += grep { $_->{message} } rows($quick);
is($seen, 3000, 'who reads loses nothing');
my ($got, $lost) = (0, 0);
for (1 .. 3) {
	for my $row (rows($slow)) { exists $row->{lost} ? ($lost += $row->{lost}) : $got++ }
}
is($got + $lost, 3000, 'who does not read is told how many he lost') or diag("got $got, lost $lost");
cmp_ok($lost, '>', 300, 'and he did lose some');

# -- many
my @many = map { watch('events') } 1 .. 12;
is(scalar(grep { defined } map { eval { watch('trace') } } 1 .. 1), 1, 'sixteen may look on');
@many = ();
$_ = undef for $slow, $quick, $events, $others;
ask('OPTIONS', 'last');
is(($server->ctl('status'))[0], 0, 'all have gone, and it runs');
my $end = watch('trace');
is($server->end('TERM'), 'exit 0', 'it ends while somebody looks on');
unlike($server->log_text, qr/Sanitizer|runtime error/, 'nothing from a sanitizer');
done_testing();
