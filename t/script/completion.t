#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# Completion for bash: by the server that runs, and without one.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use Test::More;

plan skip_all => Covend::missing() if Covend::missing();
my $top = $ENV{top_srcdir} // "$FindBin::Bin/../..";
my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, text => "workers = 1;\n");
my $ctl = Covend::ctl_program();

# What bash would offer behind these words, the last of which is not complete.
sub offers {
	my @words = ($ctl, @_);
	my $list = join ' ', map { "'$_'" } @words;
	my $last = $#words;
	my $script = qq(source '$top/pkg/covenctl.bash'; COMP_WORDS=($list); COMP_CWORD=$last; _covenctl; printf '%s\\n' "\${COMPREPLY[@]}");
	open my $out, '-|', 'bash', '--norc', '-c', $script or die "bash: $!\n";
	return join ' ', sort map { chomp; $_ } <$out>;
}
my @ask = ('-s', $server->{control});

is(offers(@ask, 'sta'), 'status', 'a command, without a server');
is(offers(@ask, 'reg', ''), '--help --json drop list show', 'its words');
is(offers(@ask, 'user', 'alias', ''), '--help --json add del list', 'words of a word');
ok($server->start, 'covend is ready') or BAIL_OUT($server->log_text);
is(offers(@ask, 'sto'), 'stop', 'a command of the server');
is(offers(@ask, 'user', 'pa'), 'passwd', 'of a plugin');
is(offers(@ask, 'log', 'w'), 'warn', 'one of several');
is(offers(@ask, 'help', 're'), 'reg reload', 'behind help');
is(offers(@ask, 'nothing', 'x'), '', 'nothing for what is no command');
is(offers('--j'), '--json', 'an option');
is($server->end('TERM'), 'exit 0', 'the end');
done_testing();
