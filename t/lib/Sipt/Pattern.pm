# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Pattern;
# Text of a ladder: %names, escapes such as \0 \x0d \r, and patterns with * and {captures}.
use strict;
use warnings;

my %ESCAPE = (0 => "\0", r => "\r", n => "\n", t => "\t", '\\' => '\\');
my $NAME = qr/%(?:\{([a-z][\w.-]*)\}|([A-Za-z]\w*(?:\.\w+)?))/;

sub unescape {
	my $code = shift;
	return chr hex $1 if $code =~ /^x(..)/;
	return $ESCAPE{$code} // "\\$code";
}

# Text to be sent. $look gives the value of a %name, or nothing when it is none of ours.
sub expand {
	my ($text, $look) = @_;
	$text =~ s/\\(x[0-9a-fA-F]{2}|.)|$NAME/defined $1 ? unescape($1) : $look->($2 \/\/ $3) \/\/ $&/ges;
	return $text;
}

# %names alone, for configuration lines.
sub names {
	my ($text, $look) = @_;
	$text =~ s/$NAME/$look->($1 \/\/ $2) \/\/ $&/ge;
	return $text;
}

# A pattern as a regular expression and the names of its captures: {x} is one word, {x*} anything.
sub compile {
	my ($text, $look) = @_;
	my ($re, @captures) = ('');
	while ($text =~ /\G(?:\\(x[0-9a-fA-F]{2}|.)|$NAME|\{(\w+)(\*?)\}|(\*)|(.))/gs) {
		if (defined $1) {
			$re .= quotemeta($1 eq '*' ? '*' : unescape($1));
		} elsif (defined($2 // $3)) {
			$re .= quotemeta($look->($2 // $3) // $&);
		} elsif (defined $4) {
			push @captures, $4;
			$re .= $5 ? '(.*)' : '([^;,<>\s"]+)';
		} else {
			$re .= defined $6 ? '.*' : quotemeta $7;
		}
	}
	return (qr/$re/s, @captures);
}

# Does a value fit as a whole? Captures go into %$vars.
sub fits {
	my ($value, $pattern, $look, $vars) = @_;
	my ($re, @captures) = compile($pattern, $look);
	my @found = $value =~ /\A$re\z/ or return 0;
	@$vars{@captures} = @found if @captures;
	return 1;
}

1;
