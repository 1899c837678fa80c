#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Secrets: compared in constant time; in no line of the log, however much it says; in no file but the configuration, as they
# are typed; and not left in the memory of the server.
use strict;
use warnings;
use FindBin ();
use lib "$FindBin::Bin/../lib";
use Digest::MD5 qw(md5_hex);
use Digest::SHA qw(sha256_hex);
use File::Find ();
use Test::More;
use Covend;
use Peer;

use constant CHUNK => 1 << 20;

plan skip_all => Covend::missing() if Covend::missing();
my $top = $ENV{top_srcdir} // "$FindBin::Bin/../..";

# -- the sources: what compares a secret does not stop at the first byte that differs
my $compare = qr/\b(?:mem|str|strn|strcase|strncase)cmp|\bcoven_(?:same|alike)|(?<!\w)text_(?:is|same|is_alike)/;
my $secret = qr/secret|passw|\bha1|\bmac\b|proof|->response|\bwanted_response|\bkey->|keys->|TOKEN_MAC/i;
my (@hasty, @files);
File::Find::find({ no_chdir => 1, wanted => sub { push @files, $_ if /\.c\z/ } }, "$top/core", "$top/plugins");
for my $file (@files) {
	my $number = 0;
	for my $line (split /\n/, Covend::slurp($file)) {
		$number++;
		push @hasty, "$file:$number: $line" if $line =~ /$compare\s*\([^;&|]*(?:$secret)/ && $line !~ m{^\s*(?:/?\*|//)};
	}
}
is(join("\n", @hasty), '', 'no secret is compared by memcmp and the like');
my %careful = ('core/sip/digest.c' => 'the response', 'core/tx/token.c' => 'a token', 'plugins/auth-digest/nonce.c' => 'a nonce');
like(Covend::slurp("$top/$_"), qr/\b(?:CRYPTO_memcmp|text_secret_same)\s*\(/, "$careful{$_} is compared in constant time")
	for sort keys %careful;

# -- the log, the files
my $folder = Covend::folder();
my %password = (alice => 'tell-nobody-alice', bob => 'tell-nobody-bob');
my $server = Covend->new(folder => $folder, text => qq(workers = 2;\nlog_level = "debug";\n) . <<"END");
plugins = ( { name = "users"; accounts = (
	{ name = "alice"; password = "$password{alice}"; }, { name = "bob"; password = "$password{bob}"; } ); } );
END
ok($server->start, 'covend is ready') or BAIL_OUT($server->log_text);
my @secrets = map { ($password{$_}, md5_hex("$_:example.com:$password{$_}"), sha256_hex("$_:example.com:$password{$_}")) }
	sort keys %password;
for my $user (sort keys %password) {
	for my $knob ([], [ challenge => 'SHA-256' ], [ password => "tell-nobody-wrong" ]) {
		my $peer = Peer->new(port => $server->{port}, user => $user, password => $password{$user});
		my $challenge = $peer->ask($peer->request('REGISTER', 'sip:example.com'));
		my $line = $peer->credentials($challenge, 'REGISTER', 'sip:example.com', @$knob);
		my $answer = $peer->ask($peer->request('REGISTER', 'sip:example.com',
			more => [ $line // (), "Contact: <sip:$user\@192.0.2.1>" ]));
		is(Peer::code($answer), $knob->[0] && $knob->[0] eq 'password' ? 401 : 200, "$user registers, or does not");
		push @secrets, $challenge =~ /nonce="([^"]+)"/g, $line =~ /response="([^"]+)"/;
	}
}

# Where in a text one of the secrets is
sub found {
	my ($text) = @_;
	return join ' ', grep { index($text, $_) >= 0 } @secrets, 'tell-nobody';
}

# All that the server has in memory, if we may look: stretches that can be written to
sub memory {
	my $pid = $server->pid;
	open my $mem, '<:raw', "/proc/$pid/mem" or return;
	my $all = '';
	for my $line (split /\n/, Covend::slurp("/proc/$pid/maps")) {
		my ($from, $to) = $line =~ /^([0-9a-f]+)-([0-9a-f]+) rw/ or next;
		my ($at, $end) = do { no warnings 'portable'; map { hex } $from, $to };
		while ($at < $end) {
			sysseek $mem, $at, 0 or last;
			sysread $mem, my $bytes, $end - $at < CHUNK ? $end - $at : CHUNK or last;
			$all .= $bytes;
			$at += length $bytes;
		}
	}
	return length $all ? $all : undef;
}

is(found($server->log_text), '', 'the log at its most says no password, hash, nonce or response');
my @kept;
File::Find::find({ no_chdir => 1, wanted => sub { push @kept, $_ if -f && found(Covend::slurp($_)) =~ /tell-nobody/ } },
	$server->{data});
is("@kept", '', 'nor does a file of the server');
SKIP: {
	skip 'a sanitizer keeps what is freed', 1 if ($ENV{sanitizers} // 'no') ne 'no';
	my $memory = memory() // skip 'its memory cannot be read here', 1;
	is(join(' ', grep { index($memory, $_) >= 0 } values %password), '', 'no password is left in its memory');
}
my ($status) = Covend::slurp('/proc/' . $server->pid . '/limits') =~ /^Max core file size\s+(\S+)/m;
is($status, '0', 'and there will be no core file');
is($server->end('TERM'), 'exit 0', 'it ends well');
is(found($server->log_text), '', 'to the end');
done_testing();
