# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Check;
# What a ladder wants of a message that came: the lines below "gets".
use strict;
use warnings;
use Digest::SHA qw(sha256_hex);
use Sipt::Ladder;
use Sipt::Pattern;

my $NAME = qr/[A-Za-z][\w.-]*/;

# Does a method or code fit what was asked for: "200", "4xx", "401|407", "INVITE"?
sub kind_fits {
	my ($kind, $wanted) = @_;
	return scalar grep { (my $re = quotemeta) =~ s/x/\\d/g if /^\d/; $kind =~ /^(?:${\($re \/\/ quotemeta)})$/ }
		split /\|/, $wanted;
}

# Holds an item against the lines of a node; gives what is wrong (wanted, got), or nothing.
sub lines {
	my ($play, $item, $node) = @_;
	my %used;
	for my $line (@{ $node->{lines} }) {
		my @wrong = line($play, $item, $line, \%used);
		return @wrong if @wrong;
	}
	return;
}

sub line {
	my ($play, $item, $node, $used) = @_;
	my $text = $node->{text};
	my $m = $item->{message};
	$text =~ s/^%(\w+)(?= \w)/$play->{vars}{$1} \/\/ $&/e;
	return body($play, $m, $node) if $text =~ /^(no )?body\b/;
	if ($text =~ /^(uri|phrase|over|source|raw): (.*)/) {
		my $value = $1 eq 'uri' ? $m->{uri} : $1 eq 'phrase' ? $m->{phrase} : $1 eq 'over' ? over($item) :
			$1 eq 'source' ? $item->{address} : $item->{bytes};
		return fits($play, $text, $value, $2);
	}
	if ($text =~ /^(\d+) ($NAME)$/) {
		my $got = () = $m->values($2);
		return $got == $1 ? () : ("wanted  $text", "got     $got $2");
	}
	if ($text =~ /^no ($NAME)(?:: (.*))?$/) {
		my @found = grep { !defined $2 || $play->fits($_, $2) } $m->values($1);
		return @found ? ("wanted  $text", map { "got     $1: $_" } @found) : ();
	}
	if ($text =~ /^any ($NAME): (.*)$/) {
		return if grep { $play->fits($_, $2) } $m->values($1);
		return ("wanted  $text", map { "got     $1: $_" } $m->values($1));
	}
	if ($text =~ /^bytes ([<>])= (\d+)$/) {
		my $got = length $item->{bytes};
		return if $1 eq '<' ? $got <= $2 : $got >= $2;
		return ("wanted  $text", "got     $got bytes");
	}
	$text =~ /^($NAME):\s*(.*)$/ or die "cannot read this line: $text\n";
	my @values = $m->values($1);
	return fits($play, $text, $values[ $used->{ lc $1 }++ ], $2);
}

sub fits {
	my ($play, $text, $value, $pattern) = @_;
	return if defined $value && $play->fits($value, $pattern);
	return ("wanted  $text", 'got     ' . ($value // '(none)'));
}

sub over {
	my $item = shift;
	return $item->{conn} && $item->{conn}{name} ne '' ? $item->{conn}{name} : $item->{transport};
}

sub body {
	my ($play, $m, $node) = @_;
	my ($text, $body) = ($node->{text}, $m->{body});
	if ($text eq 'no body') {
		return length $body ? ("wanted  $text", 'got     ' . length($body) . ' bytes') : ();
	}
	if ($text =~ /^body (\d+) bytes$/) {
		return length $body == $1 ? () : ("wanted  $text", 'got     ' . length($body) . ' bytes');
	}
	if ($text eq 'body same') {
		my $sent = $play->{body} // '';
		return if $body eq $sent;
		return map { sprintf '%-7s %d bytes, SHA-256 %s', $_->[0], length $_->[1], sha256_hex($_->[1]) }
			[ wanted => $sent ], [ got => $body ];
	}
	return fits($play, $text, $body, $1) if $text =~ /^body: (.*)$/;
	die "cannot read this line: $text\n" if $text ne 'body';
	return fits($play, $text, $body, join '', map { "$_\r\n" } Sipt::Ladder::text_below($node));
}

# A message for the eye: every line indented, control bytes and anything else unreadable escaped.
sub show {
	my $bytes = shift;
	$bytes = substr($bytes, 0, 4000) . '...' if length $bytes > 4000;
	$bytes =~ s/\r\n/\n/g;
	$bytes =~ s/([^\n\x20-\x7e])/sprintf '\\x%02x', ord $1/ge;
	return map { "    $_" } split /\n/, $bytes;
}

1;
