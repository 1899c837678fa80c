#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# store-lmdb on a disk of 1 MiB that is full: who is registered is found, REGISTER gets 500 with Retry-After or, if that
# is wished, 200; the log has one line in 10 s; 5 s after there is room everything goes on; and nothing acknowledged
# is lost. Needs root: the disk is a tmpfs in a mount namespace of its own.
use strict;
use warnings;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Covend;
use Registrant;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => Covend::missing() if Covend::missing();
plan skip_all => 'only root can mount' if $>;
if (!$ENV{COVEN_OWN_MOUNTS}) {
	plan skip_all => 'no mount namespace here' if system('unshare -m true 2>/dev/null') != 0;
	$ENV{COVEN_OWN_MOUNTS} = 1;
	exec 'unshare', '-m', $^X, $0;
}
my $folder = Covend::folder();
my $disk = "$folder/disk";
mkdir $disk, 0700;
plan skip_all => 'no tmpfs here' if system("mount -t tmpfs -o size=1m,mode=700 tmpfs $disk 2>/dev/null") != 0;
END { system "umount -l $disk 2>/dev/null" if $disk }

my $USERS = 200;
my $long = 'x' x 1500;    # so that few registrations need a new page
my ($server, %phone, %known);

sub play {
	my ($on_full) = @_;
	my $name = "full-$on_full";
	mkdir "$disk/$name", 0700;
	$server = Covend->new(folder => $folder, name => $name, text => 'control = "' . "$folder/$name.ctl" . '";'
		. Registrant::server_text(qq({ name = "store-lmdb"; folder = "$disk/$name/store"; on_full = "$on_full"; }),
			'eve', map { "u$_" } 1 .. $USERS));
	ok($server->start, "$on_full: covend starts") or BAIL_OUT($server->log_text);
	%phone = map { $_ => Registrant->new(port => $server->{port}, user => "u$_") } 1 .. $USERS;
	%known = ();
	return Registrant->new(port => $server->{port}, user => 'eve');
}

sub fill {
	open my $out, '>', "$disk/filler" or die "filler: $!\n";
	1 while defined syswrite $out, "\0" x 4096;
	close $out;
}

# Registers one after the other until an answer has this code; the phone that got it.
sub until_code {
	my ($code) = @_;
	for my $n (grep { !defined $known{$_} } 1 .. $USERS) {
		my $got = $phone{$n}->register("<sip:u$n\@192.0.2.1:5060;pad=$long>");
		$known{$n} = Registrant::contacts($phone{$n}{answer}) if $got == 200;
		return $phone{$n} if $got == $code;
	}
	return;
}

# Those that are not where they were told that they are.
sub wrong { grep { $phone{$_}->registered ne ($known{$_} // '') } 1 .. $USERS }
sub lines { my @all = $server->log_text =~ /cannot write to the disk/g; return scalar @all }

# -- refuse

my $eve = play('refuse');
is($eve->register('<sip:eve@192.0.2.9>'), 200, 'somebody registers');
fill();
my $unlucky = until_code(500);
ok($unlucky, 'when the disk is full, a REGISTER gets 500') or BAIL_OUT($server->log_text);
like($unlucky->{answer}, qr/^Retry-After: \d+\r$/m, 'with Retry-After');
is($unlucky->registered, '', 'and the phone is where it was before');
is($eve->registered, 'sip:eve@192.0.2.9', 'others are found');
my $refused = 0;
my $end = time + ($ENV{COVEN_LONG} ? 12 : 3);
while (time < $end) {
	$refused++ if until_code(500);
	sleep 0.02;
}
cmp_ok($refused, '>', 10, "$refused more are refused");
cmp_ok(lines(), '<=', $ENV{COVEN_LONG} ? 2 : 1, 'with one line in 10 s');
is(join(' ', wrong()), '', 'everybody is where he was told that he is');
is($server->end('KILL'), 'signal 9', 'killed');
ok($server->start, 'started, though there is no room') or diag($server->log_text);
is(join(' ', wrong()), '', 'what was acknowledged is there, and nothing else');
ok(until_code(500), 'still full');
unlink "$disk/filler";
my $began = time;
my $code = 0;
while (time < $began + 5 && $code != 200) {
	$code = $eve->register('<sip:eve@192.0.2.10>');
	sleep 0.1;
}
is($code, 200, sprintf 'and %.1f s after there is room it goes on', time - $began);
ok(!until_code(500), 'for all');
is($server->end('TERM'), 'exit 0', 'it ends');
system "rm -rf $disk/full-refuse";

# -- memory

$eve = play('memory');
is($eve->register('<sip:eve@192.0.2.9>'), 200, 'somebody registers');
fill();
ok(!until_code(500), 'when the disk is full, everybody gets 200 nevertheless');
ok($server->logs(qr/cannot write to the disk: .*in memory alone/), 'the log says it');
unlink "$disk/filler";
sleep 5;
is($server->end('KILL'), 'signal 9', 'killed 5 s after there is room');
ok($server->start, 'started') or diag($server->log_text);
is(join(' ', wrong()), '', 'what memory had is on the disk now');
is($server->end('TERM'), 'exit 0', 'it ends');
done_testing;
