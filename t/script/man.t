#!/usr/bin/perl
# SPDX-License-Identifier: GPL-3.0-or-later
# The manual pages: every option is in its page as covend has it, every command in covenctl(1), the texts of the plugins
# agree with their options, and troff finds nothing wrong.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Covend;
use JSON::PP ();
use Test::More;

plan skip_all => Covend::missing() if Covend::missing();
my $build = Covend::build();
my $top = $ENV{top_srcdir} // "$FindBin::Bin/../..";
my @plugins = split ' ', $ENV{plugins} // join ' ', map { m{([^/]+)\.7$} ? $1 =~ s/^coven-//r : () } glob "$build/man/coven-*.7";
plan skip_all => 'no pages are built' if !-f "$build/man/covend.8" || !@plugins;
my $folder = Covend::folder();
my $server = Covend->new(folder => $folder, text => "workers = 1;\n");

sub output {
	my ($command) = @_;
	my $out = `$command 2>&1`;
	return $out;
}

# Names, without the blanks that tell how deep a table is, and what is said of each.
sub rows_of {
	my ($name) = @_;
	my $out = output("'@{[Covend::program()]}' -c '$server->{file}' --options $name");
	return $out =~ /^ {0,4}(\S+) +((?:bool|number|size|time|text|choice|address|secret|list|table|group)\b.*)$/mg;
}

# -- options

sub troff { $_[0] =~ s/\\/\\e/gr =~ s/-/\\-/gr =~ s/~/\\(ti/gr }

# What a page says of each option, in the same form.
sub items_of {
	my ($page) = @_;
	my @items = Covend::slurp($page) =~ /^\.It Ic (.*)\n\.Pq (.*)$/mg;
	s/\\&//g, s/\\\(dq/"/g for @items;
	return @items;
}

for my $name ('core', @plugins) {
	my $page = "$build/man/" . ($name eq 'core' ? 'coven.conf.5' : "coven-$name.7");
	my @rows = map { troff($_) } rows_of($name);
	is(join("\n", items_of($page)), join("\n", @rows), @rows / 2 . " options of $name");
}

# The tables in Markdown that people edit.
for my $name (@plugins) {
	my %said = Covend::slurp("$top/plugins/$name/$name.md") =~ /^\| `(\w+)` \|(.*)$/mg;
	my @rows = rows_of($name);
	my @wrong;
	while (my ($option, $form) = splice @rows, 0, 2) {
		my ($default) = $form =~ /, default "?(.*?)"?$/;
		my $text = $said{$option} // next;
		push @wrong, "$option: $form, but: $text"
			if defined $default && length $default && $default ne '()' && index($text =~ s/`//gr, $default =~ s/\\//gr) < 0;
	}
	is(join("\n", @wrong), '', "the defaults in $name.md");
}

# -- commands

my $page = Covend::slurp("$build/man/covenctl.1");
my %shown;
while ($page =~ /^\.It Ic (.*)$/mg) {
	my ($name, $rest) = split ' ', $1 =~ s/\b(?:Op|Oo|Oc|Ar|Cm|Ic|Ns|Fl)\b//gr, 2;
	$shown{$name} .= ' ' . ($rest // '');
}
ok($server->start, 'covend is ready') or BAIL_OUT($server->log_text);
# those of the usual plugins, as covenctl knows them by itself, and those of the server
my @help = map { `'@{[Covend::ctl_program()]}' -s '$_' --json help 2>/dev/null` } "$folder/none", $server->{control};
my %usage = map { my ($name, $usage) = split ' ', $_->{command}, 2; ($name => ($usage // '')) }
	map { @{ JSON::PP->new->decode($_)->{help} } } @help;
for my $name (sort keys %usage) {
	my @words = map { /^([a-z]+(?: [a-z]+)*)(?!\w)/ ? $1 : () } split / *\| */, $usage{$name} =~ tr/[]//dr;
	my @lost = grep { ($shown{$name} // '') !~ /\b\Q$_\E\b/ } @words;
	ok(exists $shown{$name} && !@lost, "covenctl(1): $name @words") or diag("not there: @lost");
}
is($server->end('TERM'), 'exit 0', 'the end');

for (['covend.8', Covend::program()], ['covenctl.1', Covend::ctl_program()]) {
	my ($file, $program) = @$_;
	my $text = Covend::slurp("$build/man/$file");
	my @lost = grep { $text !~ /Fl Fl \Q$_\E\b/ } output("'$program' --help") =~ /--([a-z-]+)/g;
	is("@lost", '', "$file: every option of the command line");
	unlike($text, qr/\@\w+\@/, "$file: every place is filled in");
}

# -- form

my @pages = sort glob "$build/man/*.[1578]";
SKIP: {
	skip 'no groff', scalar @pages if system('command -v groff >/dev/null') != 0;
	for my $page (@pages) {
		my ($name) = $page =~ m{([^/]+)$};
		is(output("groff -mdoc -t -ww -Tascii -z '$page'"), '', "groff likes $name");
		next if system('command -v mandoc >/dev/null') != 0;
		unlike(output("mandoc -Tlint -W warning '$page'"), qr/(?:WARNING|ERROR):/, "mandoc likes $name");
	}
}
done_testing();
