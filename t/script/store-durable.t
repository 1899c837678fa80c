#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# store-lmdb: a 200 leaves after the disk has the change, as the system calls show; and a copy of the file, taken at any
# moment, has all that was acknowledged.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Covend;
use Registrant;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => Covend::missing() if Covend::missing();
my $folder = Covend::folder();
my $text = Registrant::server_text('{ name = "store-lmdb"; }', 'bob');
my $server = Covend->new(folder => $folder, name => 'first', text => $text);
ok($server->start, 'covend starts') or BAIL_OUT($server->log_text);
my $bob = Registrant->new(port => $server->{port}, user => 'bob');
is($bob->register('<sip:bob@192.0.2.1:1>'), 200, 'a first registration');

# -- the order of system calls

sub trace {
	my $out = "$folder/trace";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDERR, '>', "$folder/strace";
		exec 'strace', '-f', '-o', $out, '-e', 'trace=fdatasync,fsync,msync,pwrite64,pwritev,sendto,sendmsg,sendmmsg',
			'-p', $server->pid;
		exit 127;
	}
	my $end = time + 5;
	sleep 0.02 until Covend::slurp("$folder/strace") =~ /attached/ || time > $end || waitpid($pid, 1) != 0;
	return (Covend::slurp("$folder/strace") =~ /attached/ ? $pid : undef, $out);
}

SKIP: {
	my $have = grep { -x "$_/strace" } split /:/, $ENV{PATH};
	skip 'no strace', 3 if !$have;
	my ($tracer, $out) = trace();
	skip 'strace is not allowed here', 3 if !$tracer;
	my $codes = join ' ', map { $bob->register("<sip:bob\@192.0.2.1:$_>") } 2 .. 11;
	is($codes, join(' ', (200) x 10), 'ten registrations while it is watched');
	kill 'INT', $tracer;
	waitpid $tracer, 0;
	my ($synced, $meta, $early, $answers) = (0, 0, 0, 0);
	for (split /\n/, Covend::slurp($out)) {
		$synced = 1, $meta = 0 if /(?:fdatasync\(|fdatasync resumed).*= 0$/;
		$meta = 1 if $synced && /pwrite64.*= \d+$/;    # to a descriptor that LMDB has opened with O_DSYNC
		next if !/SIP\/2\.0 200/;
		$answers++;
		$early++ if !$synced || !$meta;
		$synced = $meta = 0;
	}
	is($answers, 10, 'ten answers were seen');
	is($early, 0, 'each behind an fdatasync and the write of the meta page that follows it') or diag(Covend::slurp($out));
}

# -- copies

for my $n (1 .. ($ENV{COVEN_LONG} ? 20 : 3)) {
	$bob->register(map { "<sip:bob\@192.0.2.2:$_>" } $n .. $n + 2);
	my $known = Registrant::contacts($bob->{answer});
	$bob->send($bob->register_bytes("<sip:bob\@192.0.2.3:$n>"));    # perhaps in it, perhaps not
	kill 'STOP', $server->pid;
	my $copy = Covend->new(folder => $folder, name => "copy$n", text => $text);
	mkdir $copy->{data}, 0700;
	system 'cp', '-rp', "$server->{data}/store", $copy->{data};
	kill 'CONT', $server->pid;
	$bob->get;
	ok($copy->start, "copy $n can be used") or diag($copy->log_text);
	my $there = Registrant->new(port => $copy->{port}, user => 'bob')->registered;
	my %there = map { $_ => 1 } split / /, $there;
	is(join(' ', grep { !$there{$_} } split / /, $known), '', 'all that was acknowledged is in it');
	is($copy->end('TERM'), 'exit 0', 'and it ends');
}
is($server->end('TERM'), 'exit 0', 'it ends');

# -- relaxed: the answer does not wait, and a second later it is there

my $fast = Covend->new(folder => $folder, name => 'relaxed',
	text => Registrant::server_text('{ name = "store-lmdb"; durability = "relaxed"; }', 'bob'));
ok($fast->start, 'relaxed: covend starts');
my $eve = Registrant->new(port => $fast->{port}, user => 'bob');
my $began = time;
is(join(' ', map { $eve->register("<sip:bob\@192.0.2.1:$_>") } 1 .. 20), join(' ', (200) x 20), 'twenty registrations');
cmp_ok(time - $began, '<', 1, 'take no twenty syncs');
sleep 1.5;
is($fast->end('KILL'), 'signal 9', 'killed');
ok($fast->start, 'and started');
is(scalar(split / /, $eve->registered), 20, 'what is a second old is there');
is($fast->end('TERM'), 'exit 0', 'it ends');
done_testing;
