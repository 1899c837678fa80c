# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Ladder;
# Reads a ladder: lines, each with the more deeply indented lines below it as its children.
use strict;
use warnings;

# Gives the list of top statements: { line, text, verbatim, lines => [ the same below ] }.
sub read_file {
	my $file = shift;
	open my $in, '<', $file or die "$file: $!\n";
	my $top = { depth => -1, lines => [] };
	my @open = ($top);
	my $blank = 0;
	while (my $text = <$in>) {
		chomp $text;
		next if $text =~ /^\s*#/;
		if ($text !~ /\S/) {
			$blank++;
			next;
		}
		my ($indent) = $text =~ /^(\s*)/;
		(my $width = $indent) =~ s/\t/        /g;
		my $node = { line => $., depth => length $width, text => substr($text, length $indent),
			blank => $blank, lines => [] };
		$node->{text} =~ s/\s+$//;
		$blank = 0;
		pop @open while $open[-1]{depth} >= $node->{depth};
		push @{ $open[-1]{lines} }, $node;
		push @open, $node;
	}
	return @{ $top->{lines} };
}

# The lines below a statement as plain text, deeper ones with their indent, blank ones kept.
sub text_below {
	my ($node, $level) = @_;
	$level //= 0;
	return map { (('') x $_->{blank}, "\t" x $level . $_->{text}, text_below($_, $level + 1)) }
		@{ $node->{lines} };
}

1;
