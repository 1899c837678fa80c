# SPDX-License-Identifier: GPL-3.0-or-later
# A WAV file with a steady tone, for phones that need something to say.
package PhoneTone;
use strict;
use warnings;

use constant { RATE => 8000, AMPLITUDE => 8000, TURN => 6.283185307 };

# Writes `seconds` of a tone of `hertz`, 8 kHz, one channel, 16 bits.
sub write_tone {
	my ($file, $seconds, $hertz) = @_;
	my $data = pack 's<*',
		map { int AMPLITUDE * sin TURN * $hertz * $_ / RATE } 0 .. RATE * $seconds - 1;
	my $format = pack 'vvVVvv', 1, 1, RATE, RATE * 2, 2, 16;
	open my $out, '>:raw', $file or die "$file: $!\n";
	print $out 'RIFF', pack('V', 36 + length $data), 'WAVE',
		'fmt ', pack('V', length $format), $format, 'data', pack('V', length $data), $data;
	close $out or die "$file: $!\n";
	return $file;
}

1;
