#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# An ordinary user's covend: files where XDG puts them, a configuration if there is one, and covenctl that finds it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use POSIX ();
use Test::More;

plan skip_all => Covend->missing if Covend->missing;
use constant NOBODY => 65534;
my $uid = $> ? 0 : NOBODY;    # whom the children become
my $folder = Covend->folder;
chmod 0755, $folder;

# A home of the user's own, in which nothing is yet.
sub home {
	my ($name) = @_;
	my $home = "$folder/$name";
	mkdir $home, 0700;
	chown $uid, $uid, $home if $uid;
	return $home;
}

sub quiet {
	my ($home, %env) = @_;
	return { HOME => $home, XDG_CONFIG_HOME => undef, XDG_STATE_HOME => undef, XDG_RUNTIME_DIR => undef,
		STATE_DIRECTORY => undef, COVEN_CONTROL => undef, %env };
}

# What covenctl says to that user.
sub ask {
	my ($env, @words) = @_;
	pipe my $read, my $write or die "pipe: $!\n";
	my $pid = fork // die "fork: $!\n";
	if (!$pid) {
		open STDOUT, '>&', $write;
		open STDERR, '>&', $write;
		defined $env->{$_} ? $ENV{$_} = $env->{$_} : delete $ENV{$_} for keys %$env;
		POSIX::setgid($uid), POSIX::setuid($uid) if $uid;
		exec Covend->ctl_program, @words;
	}
	close $write;
	local $/;
	my $said = <$read>;
	waitpid $pid, 0;
	return ($? >> 8, $said);
}

sub put {
	my ($file, $text) = @_;
	system('mkdir', '-p', $file =~ s{/[^/]+$}{}r);
	open my $out, '>', $file or die "$file: $!\n";
	print $out $text;
	close $out;
	system('chown', '-R', $uid, $folder) if $uid;
}

sub mode { sprintf '%o', (stat $_[0])[2] & 07777 }

# -- nothing there at all; port 5060 may be taken by another server, and plugins are found when they are installed only
SKIP: {
	my $home = home('bare');
	mkdir "$home/run", 0700;
	chown $uid, $uid, "$home/run" if $uid;
	my $one = Covend->new(folder => $folder, name => 'bare', bare => 1, data => "$home/.local/state/coven",
		control => "$home/run/coven/control", env => quiet($home, XDG_RUNTIME_DIR => "$home/run"));
	if (!$one->start(as => $uid)) {
		$one->end;
		like($one->log_text, qr/^covend: cannot listen on \S+:5060|^plugin "users": no users\.so in/,
			'without a configuration: only the port or the plugins are missing');
		skip 'port 5060 is taken, or it is not installed', 5;
	}
	ok(1, 'without a configuration it runs');
	like($one->log_text, qr/configuration the built-in configuration, data \Q$home\E\/\.local\/state\/coven, /,
		'and says what it uses');
	is(mode("$home/.local/state/coven"), '700', 'the data folder is private');
	is(mode("$home/run/coven"), '700', 'so is that of the socket');
	my ($code, $said) = ask($one->{env}, 'status');
	is($code, 0, 'covenctl finds it by the same rules') or diag($said);
	is($one->end('TERM'), 'exit 0', 'it ends');
}

# -- files where XDG puts them
my $home = home('files');
my ($port, $second) = (Covend::free_port(), Covend::free_port());
my $text = qq(domains = ("one.example"); listen = ("udp:127.0.0.1:$port"); plugins_only = ();\n);
put("$home/.config/coven/coven.conf", $text);
my $env = quiet($home);
my $one = Covend->new(folder => $folder, name => 'files', bare => 1, control => "$home/.local/state/coven/control",
	env => $env);
ok($one->start(as => $uid), '~/.config/coven/coven.conf is used') or diag($one->log_text);
like($one->log_text, qr{configuration \Q$home\E/\.config/coven/coven\.conf, data \Q$home\E/\.local/state/coven,},
	'the log names it');
ok(-S "$home/.local/state/coven/control", 'without XDG_RUNTIME_DIR the socket is with the data');
is((ask($env, 'status'))[0], 0, 'covenctl finds it there');

put("$home/c/coven/coven.conf", $text =~ s/$port/$second/r);
my $two_env = quiet($home, XDG_CONFIG_HOME => "$home/c", XDG_STATE_HOME => "$home/s", XDG_RUNTIME_DIR => 'relative');
my $two = Covend->new(folder => $folder, name => 'two', bare => 1, env => $two_env);
ok($two->start(as => $uid), 'the variables come first, and a relative path does not count') or diag($two->log_text);
ok(-S "$home/s/coven/control", 'data in $XDG_STATE_HOME');
is($two->end('TERM'), 'exit 0', 'it ends');
my ($code, $said) = ask($two_env, 'status');
isnt($code, 0, 'covenctl says when nobody is there');
like($said, qr{^covenctl: \Q$home\E/s/coven/control: covend is not running here}, 'and where it looked');
is($one->end('TERM'), 'exit 0', 'the first one ends, too');

# -- mistakes
put("$home/c/coven/coven.conf", "domains = 5;\n");
ok(!$two->start(as => $uid), 'a configuration with a mistake is not replaced by the built-in one');
is($two->end, 'exit 78', 'exit code 78');
like($two->log_text, qr{^\Q$home\E/c/coven/coven\.conf:1: }m, 'the line names the file');
done_testing();
