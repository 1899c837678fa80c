#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# One data folder, one covend: the second is told who has it; nothing that a killed one left keeps the next from
# starting; and of two over one stale control socket exactly one gets it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use Test::More;

plan skip_all => Covend->missing if Covend->missing;
my $folder = Covend->folder;
my $first = Covend->new(folder => $folder, name => 'a');
ok($first->start, 'the first one is ready') or die $first->log_text;
is(Covend::slurp("$folder/a/lock"), $first->pid . "\n", 'its number is in the lock file');

my $second = Covend->new(folder => $folder, name => 'b', data => "$folder/a", control => "$folder/b.ctl");
ok(!$second->start, 'a second one over the same data does not start, though its ports and its socket are its own');
is($second->end, 'exit 1', 'exit code 1');
is($second->log_text, "covend: data folder $folder/a: another covend is running with it (pid ${\$first->pid});"
	. " stop that one, or set another `data`\n", 'one line, which names the process');
is(($first->ctl('status'))[0], 0, 'the first one does not mind');

my $third = Covend->new(folder => $folder, name => 'c', control => "$folder/a/control");
ok(!$third->start, 'nor one with the same control socket and data of its own');
like($third->log_text, qr/^covend: control socket \S+: another covend is running with it/, 'one line');
$third->end;

my $checks = Covend->new(folder => $folder, name => 'd', data => "$folder/a", args => ['-t']);
$checks->start;
is($checks->end, 'exit 0', 'covend -t is no second one');

for my $round (1 .. 3) {
	is($first->end('KILL'), 'signal 9', 'killed');
	ok(-S "$folder/a/control" && -e "$folder/a/lock", 'it leaves socket and lock file behind');
	ok($first->start, "the next one starts (round $round)") or diag($first->log_text);
}
is(Covend::slurp("$folder/a/lock"), $first->pid . "\n", 'and signs');
is($first->end('TERM'), 'exit 0', 'it ends well');

# -- two at once over a socket that nobody answers any more
my $elsewhere = "$folder/shared.ctl";
my $dead = Covend->new(folder => $folder, name => 'e', control => $elsewhere);
ok($dead->start, 'one with its socket outside of the data folder');
$dead->end('KILL');
ok(-S $elsewhere, 'killed, it leaves the socket');
for my $round (1 .. 3) {
	my @two = map { Covend->new(folder => $folder, name => "f$round$_", control => $elsewhere) } 1, 2;
	my @pids = map {
		my $one = $_;
		my $pid = fork // die "fork: $!\n";
		if (!$pid) {
			open STDERR, '>>', $one->{log};
			exec Covend->program, '-c', $one->{file};
		}
		$pid;
	} @two;
	my $ready = () = ($two[0]->logs(qr/ready|running with it/), $two[1]->logs(qr/ready|running with it/));
	my @winners = grep { $_->log_text =~ /ready: version/ } @two;
	my @losers = grep { $_->log_text =~ /another covend is running with it/ } @two;
	is(@winners . @losers, '11', "round $round: one gets it, the other is told");
	my $answer = $winners[0] && $winners[0]->command('status');
	ok($answer && $answer->{ok}, 'and it is the winner that answers');
	kill 'KILL', @pids;
	waitpid $_, 0 for @pids;
}

# -- a lock file that is none
SKIP: {
	my $trap = Covend->new(folder => $folder, name => 'g');
	mkdir "$folder/g", 0700;
	symlink "$folder/victim", "$folder/g/lock";
	ok(!$trap->start && !-e "$folder/victim", 'a link in the place of the lock file is not followed');
	$trap->end;
	unlink "$folder/g/lock";
	open my $out, '>', "$folder/victim" or die "victim: $!\n";
	print $out "precious\n";
	close $out;
	link "$folder/victim", "$folder/g/lock" or skip 'no hard links here', 1;
	ok(!$trap->start && Covend::slurp("$folder/victim") eq "precious\n", 'nor written through');
	$trap->end;
}
done_testing();
