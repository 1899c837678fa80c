#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Accounts made by covenctl: the password that is read and not written, an import with mistakes in it, long lists, and what
# is left on the disk and in the log.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use Digest::MD5 'md5_hex';
use Digest::SHA 'sha256_hex';
use IO::Select;
use IO::Socket::INET;
use JSON::PP ();
use Test::More;

use constant LINES => 500;

plan skip_all => Covend::missing() if Covend::missing();
my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, text => 'log_level = "debug";');
ok($server->start, 'a server without accounts') or diag($server->log_text);

# covenctl with this on its standard input
sub ctl_with {
	my ($input, @words) = @_;
	open my $out, '>', "$folder/input" or die "input: $!\n";
	print $out $input;
	close $out;
	my $words = join ' ', map { "'$_'" } @words;
	my $said = qx('@{[Covend::ctl_program()]}' -s '$server->{control}' $words < $folder/input 2>&1);
	return ($? >> 8, $said);
}

# -- SIP, as much as it takes

my $socket = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', PeerAddr => '127.0.0.1',
	PeerPort => $server->{port}) or die "no socket: $!\n";
my $count = 0;

sub ask {
	my ($user, @more) = @_;
	my $n = ++$count;
	print $socket join("\r\n", 'REGISTER sip:example.com SIP/2.0',
		"Via: SIP/2.0/UDP 127.0.0.1:@{[$socket->sockport]};branch=z9hG4bK$n", 'Max-Forwards: 70',
		"From: <sip:$user\@example.com>;tag=$n", "To: <sip:$user\@example.com>", "Call-ID: $user-$$", "CSeq: $n REGISTER",
		"Contact: <sip:$user\@127.0.0.1:@{[$socket->sockport]}>", @more, 'Content-Length: 0', '', '');
	IO::Select->new($socket)->can_read(5) or return 'nothing';
	$socket->recv(my $answer, 65536);
	return $answer;
}

# The status of a REGISTER that answers the challenge with this hash.
sub registers {
	my ($user, $password, $name) = @_;
	my $hash = $name eq 'MD5' ? \&md5_hex : \&sha256_hex;
	my ($nonce) = ask($user) =~ /nonce="([^"]+)", algorithm=\Q$name\E,/ or return 'no challenge';
	my $a = $hash->("$user:example.com:$password");
	my $b = $hash->('REGISTER:sip:example.com');
	my $response = $hash->("$a:$nonce:00000001:x:auth:$b");
	my ($status) = ask($user, qq(Authorization: Digest username="$user", realm="example.com", nonce="$nonce", ) .
		qq(uri="sip:example.com", response="$response", algorithm=$name, qop=auth, nc=00000001, cnonce="x"))
		=~ m{^SIP/2.0 (\d+)};
	return $status // 'nothing';
}

# -- passwords

my ($code, $said) = ctl_with("secret-alice\n", qw(user add alice));
is($code, 0, 'a password from standard input') or diag($said);
unlike($said, qr/secret-alice/, 'which is not shown');
is(registers('alice', 'secret-alice', $_), 200, "alice registers with $_") for qw(MD5 SHA-256);
($code) = ctl_with("secret-new", qw(user passwd alice --digest sha256));
is($code, 0, 'another one, for one digest alone');
is(registers('alice', 'secret-alice', 'SHA-256'), 401, 'the old one counts no more');
is(registers('alice', 'secret-new', 'SHA-256'), 200, 'the new one does');
($code, $said) = ctl_with("\n", qw(user add empty));
isnt($code, 0, 'an empty one is refused');
($code, $said) = $server->ctl(qw(user add bob), 'wi th $pace');
is($code, 0, 'a password as a word');
is(registers('bob', 'wi th $pace', 'MD5'), 200, 'bob registers');

# -- an import

my @lines = map { "u$_,secret-$_,x$_" } 1 .. LINES;
splice @lines, 100, 0, '', '# a remark', 'alice,secret-late', "broken\xff,x", 'nobody';
open my $csv, '>', "$folder/csv" or die "csv: $!\n";
print $csv "$_\n" for @lines;
close $csv;
($code, $said) = $server->ctl(qw(user import), "$folder/csv");
is($code, 1, 'an import with mistakes in it');
like($said, qr{csv:103: sip:alice\@example\.com is there already}, 'an account that is there');
like($said, qr{csv:104: the line is not UTF-8}, 'a line that cannot be read');
like($said, qr{csv:105: there is no password}, 'a line without a password');
unlike($said, qr/secret-/, 'no password is shown');
is(registers("u$_", "secret-$_", 'MD5'), 200, "line $_ registers") for 1, LINES;
($code, $said) = $server->ctl(qw(--json user list));
is(scalar @{ JSON::PP->new->decode($said)->{users} }, LINES + 2, 'all of them are listed');
($code, $said) = $server->ctl(qw(--json user alias list));
is(scalar @{ JSON::PP->new->decode($said)->{aliases} }, LINES, 'and all aliases');
($code, $said) = ctl_with("stdin-1,secret-in\n", qw(user import -));
is($code, 0, 'an import from standard input') or diag($said);

# -- del

($code, $said) = $server->ctl(qw(--json user del u7));
is_deeply([ $code, JSON::PP->new->decode($said)->{user}[0]{aliases} ], [ 0, 1 ], 'del takes the alias with it') or diag($said);
is(registers('u7', 'secret-7', 'MD5'), 401, 'and the account');

# -- a restart, and what is left behind

is($server->end('TERM'), 'exit 0', 'it ends');
my $log = $server->log_text;
unlike($log, qr/secret-|wi th|\b[0-9a-f]{32}\b/, 'no password and no hash in the log');
my $disk = join '', map { Covend::slurp($_) } glob "$server->{data}/* $server->{data}/*/*";
like($disk, qr/sip:u1\@example\.com/, 'the disk has the accounts');
unlike($disk, qr/secret-|wi th/, 'and no password');
ok($server->start, 'it starts again') or diag($server->log_text);
$count += 1000;
is(registers('alice', 'secret-new', 'SHA-256'), 200, 'accounts survive a restart');
is(registers('u7', 'secret-7', 'MD5'), 401, 'and whoever was deleted does not');
is($server->end('TERM'), 'exit 0', 'it ends');
done_testing;
