#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# What is left of root, as the kernel tells, and what a plugin that was taken over could not do.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use IO::Select;
use IO::Socket::INET;
use Test::More;

plan skip_all => Covend->missing if Covend->missing;
my $sanitized = ($ENV{sanitizers} // 'no') ne 'no';
my $folder = Covend->folder;
chmod 0755, $folder;
my $user = $> ? '' : 'user = "nobody";';

# Lines of /proc/PID/task/TID/status, for every thread.
sub threads {
	my ($pid) = @_;
	return map { my %s = Covend::slurp("$_/status") =~ /^(\w+):[ \t]*(.*)$/mg; \%s } glob "/proc/$pid/task/*";
}

sub all_say {
	my ($name, $pid, $key, $want) = @_;
	is(join(' ', grep { !/^$want$/ } map { $_->{$key} } threads($pid)), '', "$name: $key");
}

my $with = qq(plugins = ({ name = "stuck"; }););
$with = '' if !-f Covend->build . '/.libs/stuck.so';
my $one = Covend->new(folder => $folder, name => 'a', text => "workers = 2; $user $with");
ok($one->start, 'it starts') or die $one->log_text;
my $pid = $one->pid;
cmp_ok(scalar(threads($pid)), '>=', 2, 'several threads');
all_say('sandbox', $pid, 'NoNewPrivs', 1);
all_say('sandbox', $pid, $_, '0+') for qw(CapInh CapPrm CapEff CapAmb);
SKIP: {
	skip 'only root may empty it', 2 if $>;
	all_say('sandbox', $pid, 'CapBnd', '0+');
	my ($uid, $groups) = map { (threads($pid))[0]{$_} } qw(Uid Groups);
	my ($nobody, $group) = (getpwnam 'nobody')[2, 3];
	is($uid, join("\t", ($nobody) x 4), 'it is nobody, for good');
	is($groups, '', 'with no groups of root');
}
SKIP: {
	skip 'no filter in a build with sanitizers', 2 if $sanitized;
	skip 'no filter on this processor', 2 if $one->log_text =~ /no filter of system calls/;
	all_say('sandbox', $pid, 'Seccomp', 2);
	is(join(' ', grep { /Operation not permitted/ } split /\n/, $one->log_text), '', 'nothing of ours is refused');
}
my ($soft, $hard) = Covend::slurp("/proc/$pid/limits") =~ /^Max core file size\s+(\S+)\s+(\S+)/m;
is("$soft $hard", '0 0', 'no core file');

# -- it works in there: a request is answered, and a program is not run
my $udp = IO::Socket::INET->new(Proto => 'udp', LocalAddr => '127.0.0.1', PeerAddr => '127.0.0.1',
	PeerPort => $one->{port}) or die "socket: $!\n";
$udp->send(join "\r\n", 'OPTIONS sip:example.com SIP/2.0', 'Via: SIP/2.0/UDP 127.0.0.1:' . $udp->sockport . ';branch=z9hG4bK1',
	'Max-Forwards: 70', 'From: <sip:a@elsewhere.example>;tag=1', 'To: <sip:example.com>', 'Call-ID: 1', 'CSeq: 1 OPTIONS',
	($sanitized ? () : 'Exec: /bin/true'), 'Content-Length: 0', '', '');
IO::Select->new($udp)->can_read(5);
$udp->recv(my $answer, 65535, 64);
like($answer // '', qr/^SIP\/2\.0 200 /, 'OPTIONS is answered');
SKIP: {
	skip 'no fixture plugin', 1 if !$with;
	skip 'no filter in a build with sanitizers', 1 if $sanitized;
	ok($one->logs(qr/exec: Operation not permitted/), 'a plugin cannot run a program');
}
is(($one->ctl('status'))[0], 0, 'covenctl works');
is($one->end('TERM'), 'exit 0', 'it ends well');

# -- without it
my $two = Covend->new(folder => $folder, name => 'b', text => 'sandbox = false;');
ok($two->start, 'sandbox = false');
all_say('no sandbox', $two->pid, 'Seccomp', 0);
is((Covend::slurp("/proc/${\$two->pid}/limits") =~ /^Max core file size\s+(\S+)/m)[0], 0, 'still no core file');
is($two->end('TERM'), 'exit 0', 'it ends');

# -- passwords at the most talkative level
my $secret = 'Xa7-not-in-any-log';
my $three = Covend->new(folder => $folder, name => 'c', text => qq(log_level = "debug"; plugins = ({ name = "users";
	accounts = ({ name = "alice"; password = "$secret"; }); });));
ok($three->start, 'with a password in its configuration') or diag($three->log_text);
$three->command($_) for qw(status plugins help);
is($three->end('TERM'), 'exit 0', 'it ends');
unlike($three->log_text, qr/\Q$secret\E/, 'no password in the log');
done_testing();
