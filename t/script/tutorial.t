#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# "A plugin in five steps" of doc/plugins.md, done as a reader does it: the code of each step is worked into the file,
# built by the line that stands there, configured as it stands there, and called.
use strict;
use warnings;
use Cwd 'abs_path';
use File::Temp;
use Test::More;

my $build = abs_path($ENV{top_builddir} // 'build');
my $top = abs_path($ENV{top_srcdir} // '.');
plan skip_all => 'nothing is built' if !$build || !-x "$build/covend";
my $work = File::Temp->newdir('coven-tutorial-XXXXXX', TMPDIR => 1);
umask 022;
$ENV{CC} //= 'cc';
$ENV{COVEND} //= "$build/covend";
$ENV{COVENCTL} //= "$build/covenctl";
$ENV{COVEN_PLUGINS} //= "$build/.libs";
my $sanitizer = ($ENV{sanitizers} // 'no') =~ s/^no$//r;

sub slurp {
	my ($file) = @_;
	open my $in, '<', $file or die "$file: $!\n";
	local $/;
	return scalar <$in>;
}

sub spew {
	my ($file, $text) = @_;
	open my $out, '>', $file or die "$file: $!\n";
	print $out $text;
	close $out or die "$file: $!\n";
}

# -- the file: pieces between empty lines at the left edge, each with a name

sub name_of {
	my ($piece) = @_;
	return 'struct ' . $1 if $piece =~ /^struct (\w+) \{/;
	return $1 if $piece =~ /^(?:static .*?)(\w+)\[\] = \{/ || $piece =~ /^static [^\n]*\n(\w+)\(/;
	return $1 if $piece =~ /^(COVEN_PLUGIN|#include)/;
	return die "what is this?\n$piece\n";
}

my @file;

sub work_in {
	my ($code) = @_;
	my @new;
	for my $piece (split /\n\n(?=\S)/, $code) {
		my $name = name_of($piece);
		my ($at) = grep { $file[$_][0] eq $name } 0 .. $#file;
		if ($name eq '#include' && defined $at) {
			$file[$at][1] .= "\n$piece";
		} elsif (defined $at) {
			splice @file, $at, 1, @new, [$name, $piece];
			@new = ();
		} else {
			push @new, [$name, $piece];
		}
	}
	push @file, @new;
}

# -- calls

my $caller = "ua carol domain=elsewhere.test\nua alice password=x\nua bob password=x\nalice registers\nbob registers\n";

# Alice's phone does not ring when `number` is called, and the caller hears why; Bob's does.
sub refused {
	my ($number, $phrase, @clock) = @_;
	return "carol sends INVITE sip:$number\@example.com\n", @clock, "carol may get 100\n", "carol gets 480\n\tphrase: $phrase\n",
		"carol sends ACK\n", "alice gets nothing\n";
}

sub rings {
	my ($who, $number) = @_;
	return "carol sends INVITE sip:$number\@example.com\n$who gets INVITE\n$who sends 200\ncarol may get 100\ncarol gets 200\n",
		"carol sends ACK\n$who gets ACK\n";
}

my $late = "nobody gets anything\nclock 4s\ncarol may get 100\nnobody gets anything\nclock 2s\n";
my %calls = (
	1 => [refused('alice', 'Do Not Disturb'), rings('bob', 'bob'), rings('alice', '101')],
	2 => [refused('alice', 'Asleep'), rings('bob', 'bob')],
	3 => [refused('alice', 'Do Not Disturb', $late), rings('bob', 'bob'), rings('alice', '101')],
	4 => [refused('alice', 'Do Not Disturb', $late), refused('101', 'Do Not Disturb', $late), rings('bob', 'bob')],
	5 => [refused('101', 'Do Not Disturb', $late), "covenctl quiet\n\trow: on=1 refused=1\n",
		"covenctl quiet off\n\trow: on=0 refused=1\n", "carol sends INVITE sip:alice\@example.com\nclock 5s\n",
		"carol may get 100\nalice gets INVITE\nalice sends 200\ncarol gets 200\ncarol sends ACK\nalice gets ACK\n",
		"covenctl quiet perhaps\n\tfails: usage: covenctl quiet \\[on|off\\]\n" =~ s/\\//gr],
);

# -- the page

my ($tutorial) = slurp("$top/doc/plugins.md") =~ /^## A plugin in five steps\n(.*?)^## /ms;
my %step = $tutorial =~ /^### (\d)\. [^\n]*\n(.*?)(?=^### )/msg;
is(join(' ', sort keys %step), '1 2 3 4 5', 'five steps');
my ($line) = $tutorial =~ /^    (cc .*)$/m;
ok($line, 'a line of the compiler') or BAIL_OUT('nothing to build with');
$line =~ s/^cc/\$CC -std=gnu11 -Wall -Wextra -Wno-unused-parameter -Werror/;
$line =~ s/\$\(pkg-config --cflags coven\)/-I'$top\/core\/include'/;
$line =~ s/^\$CC/\$CC -fsanitize=$sanitizer/ if $sanitizer;
my $entry;
for my $n (sort keys %step) {
	my ($code) = $step{$n} =~ /^```c\n(.*?)\n```$/ms;
	work_in($code);
	spew("$work/quiet.c", join("\n\n", map { $_->[1] } @file) . "\n");
	my $said = `cd $work && $line 2>&1`;
	is($said, '', "step $n: it is built without a word") or next;
	$entry = $1 if $step{$n} =~ /^    plugins = \( (.*) \);$/m;
	spew("$work/quiet.sip", join '', "title \"step $n\"\nserver\n\tplugin_path = ( \"$work\", \"$ENV{COVEN_PLUGINS}\" );\n",
		"\tplugins = ( $entry, { name = \"users\"; accounts = ( { name = \"alice\"; password = \"x\"; aliases = ( \"101\" ); },",
		" { name = \"bob\"; password = \"x\"; } ); } );\n", $caller, @{ $calls{$n} });
	my $tap = `'$top/t/sipt' $work/quiet.sip 2>&1`;
	ok($? == 0 && $tap =~ /^ok 1/m, "step $n: it does what it says") or diag($tap);
}
done_testing();
