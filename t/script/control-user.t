#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# What covenctl does itself for `user`: a password that stands on no command line, and files that are sent in batches.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use JSON::PP ();
use Test::More;

plan skip_all => Covend::missing() if Covend::missing();

my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, text => 'workers = 1;');
ok($server->start, 'covend is ready') or BAIL_OUT($server->log_text);
my $ctl = Covend::ctl_program() . " -s '$server->{control}'";

# Exit code and both outputs of a shell line in which $ctl stands for covenctl.
sub shell {
	my ($line) = @_;
	my $out = `$line 2>&1`;
	return [ $? >> 8, $out ];
}

sub users { join ' ', sort map { $_->{aor} =~ s/^sip:|\@example\.com$//gr } @{ $server->command('user', 'list')->{rows} } }

sub file {
	my ($name, $text) = @_;
	open my $out, '>', "$folder/$name" or die "$name: $!\n";
	print $out $text;
	close $out;
	return "$folder/$name";
}

# -- passwords
is(shell("echo secret-a | $ctl user add alice")->[0], 0, 'a password from standard input');
is(users(), 'alice', 'the account is there');
is(shell("printf 'secret-b\\r\\n' | $ctl user passwd alice")->[0], 0, 'another one, with a line end of another system');
is_deeply(shell("$ctl user add bob < /dev/null"), [ 1, "covenctl: no password on standard input\n" ], 'none');
is_deeply(shell("echo | $ctl user add bob"), [ 1, "covenctl: an empty password is none\n" ], 'an empty one');
is_deeply(shell("head -c 600 /dev/zero | tr '\\0' x | $ctl user add bob"), [ 1, "covenctl: the password is too long\n" ], 'too long');
is(users(), 'alice', 'no account of those');
is(shell("$ctl user add bob secret-b")->[0], 0, 'a password on the command line');
is(shell("echo secret-b | $ctl user passwd bob --digest md5")->[0], 0, 'an option is no password');

SKIP: {
	skip 'no script(1)', 5 if !grep { -x "$_/script" } split /:/, $ENV{PATH};
	my $typed = sub {
		my ($first, $second, $words) = @_;
		return shell("(sleep 0.5; echo $first; sleep 0.3; echo $second; sleep 0.3) | script -qec \"$ctl $words\" /dev/null");
	};
	my $got = $typed->('secret-c', 'secret-c', 'user add carol');
	is($got->[0], 0, 'a password from the terminal');
	like($got->[1], qr/Password: .*Again: /s, 'is asked for twice');
	unlike($got->[1], qr/secret/, 'and not shown');
	$got = $typed->('secret-d', 'secret-e', 'user add dave');
	is($got->[0], 1, 'two that differ');
	like($got->[1], qr/the two are not the same/, 'are refused');
	is(users(), 'alice bob carol', 'as said');
}

# -- import
my $many = file('many', "# a comment\n\n" . join '', map { "m$_ secret-$_\n" } 1 .. 150);
my $got = shell("$ctl --json user import $many");
is($got->[0], 0, 'a file of 150 lines') or diag($got->[1]);
is(eval { JSON::PP->new->decode($got->[1])->{user}[0]{added} }, 150, 'all of them') or diag($got->[1]);
my $long = 'x' x 2000;
my $bad = file('bad', "# first\nn1 secret\nm7 secret\n\n$long\nn2\nn3 secret\n");
$got = shell("$ctl user import $bad");
is($got->[0], 1, 'a file with mistakes');
like($got->[1], qr/^covenctl: \Q$bad\E:3: \S/m, 'a name that is there already, by its line');
like($got->[1], qr/^covenctl: \Q$bad\E:5: the line is too long/m, 'a line that is too long');
like($got->[1], qr/^covenctl: \Q$bad\E:6: \S/m, 'a line without a password');
unlike($got->[1], qr/secret/, 'no password is shown');
like(users(), qr/\bn1 n3\b/, 'the good ones are there');
is(shell("echo o1 secret | $ctl user import -")->[0], 0, 'from standard input');
like(users(), qr/\bo1\b/, 'it is there');
is_deeply(shell("$ctl user import $folder/none"), [ 1, "covenctl: $folder/none: No such file or directory\n" ], 'no such file');
is(shell("$ctl user import")->[0], 2, 'no file');
is($server->end('TERM'), 'exit 0', 'the end');
unlike($server->log_text, qr/Sanitizer|runtime error|secret/, 'nothing from a sanitizer, and no password in the log');
done_testing();
