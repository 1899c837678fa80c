# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Play;
# Plays the statements of a ladder one by one. A statement that does not come true dies with its reasons.
use strict;
use warnings;
use File::Temp ();
use Sipt::Call;
use Sipt::Check;
use Sipt::Ladder;
use Sipt::Net;
use Sipt::Pattern;
use Sipt::Phone;
use Sipt::Server;
use Time::HiRes qw(sleep time);

my $PATIENCE = $ENV{SIPT_TIMEOUT} // 5;     # seconds until a message that does not come is missed
my $SETTLE = $ENV{SIPT_SETTLE} // 0.002;    # seconds that what was just sent has to arrive at the servers
my $QUIET = 0.005;                          # seconds without a message that count as nothing, once they have settled
my $QUIET_ALONE = 0.03;                     # the same where no server can tell
my $REFUSED = qr/^(?:400|413|416|505)$/;     # answers to what may lack all that is checked otherwise
my $METHOD = qr/[A-Z][A-Z0-9.!%*_+`'~-]*/;

sub new {
	my ($class, $file, $report) = @_;
	return bless { file => $file, report => $report, phones => {}, servers => {}, order => [], vars => {},
		folder => File::Temp->newdir('sipt-XXXXXX', TMPDIR => 1), ipv6 => Sipt::Net::have_ipv6() }, $class;
}

sub fail { die { why => [@_] } }

# --- names ---

# What a %name stands for.
sub look {
	my ($self, $name) = @_;
	return $self->{vars}{$name} if exists $self->{vars}{$name};
	return $self->{fresh}{$name} //= Sipt::Call::token($name eq 'branch' ? 'z9hG4bK' : $name)
		if $name =~ /^(?:branch|callid|tag)$/;
	my ($who, $what) = split /\./, $name;
	$what //= '';
	if (my $phone = $self->{phones}{$who}) {
		return $what eq 'uri' ? $phone->uri : $what eq 'port' ? $phone->{port} : $what eq 'host' ? $phone->host :
			$phone->address;
	}
	my ($server, $six) = $who =~ /^(.*?)(6?)$/;
	$server = $self->{servers}{$server} // return;
	return $server->tls_address($six) if $what eq 'tls';
	return $what eq 'port' ? $server->{port} : $server->address($six);
}

sub expand {
	my ($self, $text) = @_;
	return Sipt::Pattern::expand($text, sub { $self->look(shift) });
}

sub fits {
	my ($self, $value, $pattern) = @_;
	return Sipt::Pattern::fits($value, $pattern, sub { $self->look(shift) }, $self->{vars});
}

sub phone {
	my ($self, $name) = @_;
	return $self->{phones}{$name} // die "no phone named $name\n";
}

sub server {
	my ($self, $name) = @_;
	return $self->{servers}{ $name // $self->{order}[0] // 'server' } // die "no server\n";
}

# Where "to NAME" is, for a phone: a server, another phone, or an address as it stands.
sub place {
	my ($self, $phone, $name) = @_;
	$name = $self->expand($name // $self->{order}[0] // die "to whom?\n");
	my ($who, $six) = $name =~ /^(.*?)(6?)$/;
	my $kind = $phone->{kind};
	if (my $server = $self->{servers}{$name} // $self->{servers}{$who}) {
		return { transport => 'tls', address => $server->tls_address($kind =~ /6$/) } if $kind =~ /^tls/;
		return { transport => $phone->transport, address => $server->address($kind =~ /6$/) };
	}
	if (my $other = $self->{phones}{$name}) {
		return { transport => $other->transport, address => $other->address };
	}
	my ($transport, $address) = $name =~ /^(?:(udp|tcp|tls):)?(\S+:\d+)$/ or die "nobody is named $name\n";
	return { transport => $transport // $phone->transport, address => $address };
}

# --- declarations ---

# Phones and servers get their ports before anything is played, so that each can name the others.
sub declare {
	my ($self, @nodes) = @_;
	my $tls = grep { $_->{text} =~ /^ua .*\btls6?\b/ } @nodes;
	for my $node (@nodes) {
		if ($node->{text} =~ /^ua (\w+)\s*(.*)$/) {
			$self->{phones}{$1} = $self->new_phone($1, split ' ', $2);
		} elsif ($node->{text} =~ /^server(?: (\w+))??(?: fails (\d+))?$/) {
			my $name = $1 // 'server';
			push @{ $self->{order} }, $name unless defined $2;
			$self->{servers}{$name} = Sipt::Server->new(name => $name, node => $node, fails => $2,
				folder => "$self->{folder}", ipv6 => $self->{ipv6}, tls => $tls);
			$node->{server} = $self->{servers}{$name};
		}
	}
	for my $server (map { $_->{server} // () } @nodes) {
		my @lines = grep { !/^> / } Sipt::Ladder::text_below($server->{node});
		$server->{text} = Sipt::Pattern::names(join("\n", @lines), sub { $self->look(shift) });
	}
}

sub new_phone {
	my ($self, $name, @words) = @_;
	my @kinds = grep { /^(?:udp|tcp|tls)6?$/ } @words;
	my %options = map { /^(\w+)=(.*)$/ ? ($1, $2) : () } @words;
	return Sipt::Phone->new(name => $name, folder => "$self->{folder}", sips => scalar grep({ $_ eq 'sips' } @words), kinds => @kinds ? \@kinds : ['udp'], %options);
}

sub start_servers {
	my $self = shift;
	return if $self->{started}++;
	$self->start($_) for @{ $self->{order} };
}

sub start {
	my ($self, $name) = @_;
	my $wrong = $self->server($name)->start;
	fail("$name: $wrong") if defined $wrong;
}

# The block becomes the configuration that the server reads next.
sub rewrite {
	my ($self, $name, $node) = @_;
	my $server = $self->server($name);
	$server->{text} = Sipt::Pattern::names(join("\n", Sipt::Ladder::text_below($node)), sub { $self->look(shift) });
	$server->write_config;
}

sub fails_to_start {
	my ($self, $server) = @_;
	my $wrong = $server->start // 'did start';
	my @lines = $server->log_lines;
	$wrong =~ /exit code $server->{fails}$/ or fail("wanted exit code $server->{fails}", "got    $wrong", @lines);
	for my $pattern (map { $_->{text} =~ /^> (.*)/ ? $1 : () } @{ $server->{node}{lines} }) {
		fail("no line like $pattern in", @lines) unless grep { $self->fits($_, $pattern) } @lines;
	}
}

# --- time ---

# Lets the servers do what they have to do with all that was sent so far.
sub settle {
	my $self = shift;
	my @running = grep { $_->{pid} } values %{ $self->{servers} };
	sleep $SETTLE if $self->{sent};
	$self->{sent} = 0;
	$_->clock('0ms') for @running;
	return @running;
}

sub clock {
	my ($self, $duration) = @_;
	$_->clock($duration) for $self->settle;
}

# --- sending ---

# The lines below "sends": header edits, body, and words about the message as a whole.
sub text {
	my ($self, $node) = @_;
	my %text = (edits => []);
	for my $line (@{ $node->{lines} }) {
		local $_ = Sipt::Pattern::names($line->{text}, sub { $self->{vars}{ $_[0] } });
		if (/^(uri|phrase|behind|body): ?(.*)$/) {
			$text{$1} = $self->expand($2);
		} elsif (/^body (\d+) bytes$/) {
			$text{body} = join '', map { chr rand 256 } 1 .. $1;
			substr($text{body}, rand $1, 1) = "\0" if $1;
		} elsif ($_ eq 'body') {
			$text{body} = join '', map { $self->expand($_) . "\r\n" } Sipt::Ladder::text_below($line);
		} elsif (/^sdp(?: (\w+))?$/) {
			push @{ $text{edits} }, [ '', 'Content-Type', 'application/sdp' ];
			$text{body} = sdp($1 // 'sendrecv');
		} elsif (/^-([\w.-]+)$/) {
			push @{ $text{edits} }, [ '-', $1 ];
		} elsif (/^(\+?)([A-Za-z][\w.-]*):[ \t]?(.*)$/s) {
			push @{ $text{edits} }, [ $1, $2, $self->expand($3) ];
		} else {
			die "cannot read this line: $_\n";
		}
	}
	$self->{body} = $text{body} if defined $text{body};
	return \%text;
}

sub sdp {
	my $direction = shift;
	return join "\r\n", 'v=0', 'o=- ' . int(rand 2**31) . ' 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0',
		'm=audio 40000 RTP/AVP 0 8', "a=$direction", '';
}

# "alice sends ..."
sub sends {
	my ($self, $phone, $words, $node) = @_;
	$self->{sent} = 1;
	$self->{fresh} = {};
	local $_ = $words;
	my %a = (slowly => s/ slowly$// ? 1 : 0);
	return $self->sends_raw($phone, $node, $1, $a{slowly}) if /^raw(?: exactly)?(?: to (\S+))?$/;
	$a{credentials} = options($1) if s/ with credentials(.*)$//;
	$a{conn} = $phone->connection_named($1) if s/ over (\w+)$//;
	if (/^again$|^($METHOD|\d{3}) again$/) {
		my ($old) = grep { !defined $1 || $_->{kind} eq $1 } reverse @{ $phone->{sent} };
		$old // die "$phone->{name} has sent no such thing\n";
		return $phone->transmit($old->{bytes}, $old->{place}, $a{slowly}) if !$a{credentials};
		return Sipt::Call::request_anew($phone, $old, %a, text => $self->text($node));
	}
	$a{text} = $self->text($node);
	if (s/^(\d{3})//) {
		my %b = (code => "$1");
		$b{reliably} = 1 if s/ reliably\b//;
		$b{tag} = $1 if s/ tag=(\S+)//;
		$b{for} = $1 if s/ for ($METHOD)//;
		$_ eq '' or die "cannot read: $_\n";
		return Sipt::Call::respond($phone, %a, %b);
	}
	/^($METHOD)(?: (sips?:\S+|\w+:\S+|\*))?(?: to (\S+))?(?: in (\w+))?(?: as (\w+))?$/ or die "cannot read: sends $_\n";
	my ($method, $uri, $to, $in, $as) = ($1, $2, $3, $4, $5);
	$a{uri} = $self->expand($uri) if defined $uri;
	$a{place} = $self->place($phone, $to) if defined $to || defined $uri;
	$phone->{to_ack} = $phone->{calls}{$in}{to_ack} if $method eq 'ACK' && defined $in;
	$a{dialog} = defined $in ? $phone->{calls}{$in} // die("no call named $in\n") : $phone->{call}
		if !defined $uri && $method !~ /^(?:ACK|CANCEL)$/;
	$a{to} = "sip:$phone->{user}\@$phone->{domain}" if $method eq 'REGISTER';
	$a{dialog} = $phone->{registration} if $method eq 'REGISTER' && !$a{dialog};
	my $sent = Sipt::Call::request($phone, method => $method, %a);
	$phone->{registration} //= $sent->{dialog} if $method eq 'REGISTER';
	$phone->{calls}{$as} = $sent->{dialog} if defined $as;
}

# "key=value" pairs, values may be quoted.
sub options {
	my $text = shift;
	my %found;
	while ($text =~ /(\w+)=(?:"([^"]*)"|(\S*))/g) {
		$found{$1} = $2 // $3;
	}
	return \%found;
}

# Bytes as they stand. Without "exactly" lines end in CRLF (not after a last "\"), and a head without body is closed.
sub sends_raw {
	my ($self, $phone, $node, $to, $slowly) = @_;
	my @lines = Sipt::Ladder::text_below($node);
	my $bytes = join '', map { s/\\$// ? $_ : "$_\r\n" } @lines;
	$bytes .= "\r\n" unless grep { $_ eq '' } @lines;
	$bytes = join '', @lines if $node->{text} =~ / exactly\b/;
	$bytes = $self->expand($bytes);
	my $place = $self->place($phone, $to);
	my ($branch) = $bytes =~ /branch=([^;,\s]+)/;
	my $message = Sipt::Message->parse($bytes);
	push @{ $phone->{sent} }, { place => $place, bytes => $bytes, branch => $branch // '', kind => 'raw', raw => 1,
		method => ($bytes =~ /^(\S+)/)[0] // '', message => $message, dialog => { legs => {}, place => $place } };
	$phone->{to_ack} = undef;
	$phone->transmit($bytes, $place, $slowly);
}

# --- getting ---

# "alice gets ...": the next message of the inbox has to be this one.
sub gets {
	my ($self, $phone, $words, $node) = @_;
	return $self->nothing($phone) if $words eq 'nothing';
	$words =~ /^(\S+?)(?: for ($METHOD))?( again(?: (\d+) times)?)?$/ or die "cannot read: gets $words\n";
	my ($what, $for, $again, $times) = ($1, $2, $3, $4 // 1);
	$again = ' again', $what = '' if $what eq 'again';
	for (1 .. $times) {
		my $item = $self->next_item($phone, $words);
		my @wrong = $self->held_against($phone, $item, $what, $for, $again, $node);
		fail(@wrong, 'the message:', Sipt::Check::show($item->{bytes})) if @wrong;
		$self->take_in($phone, $item) unless $again;
	}
}

sub next_item {
	my ($self, $phone, $words) = @_;
	Sipt::Net::pump($PATIENCE, sub { @{ $phone->{inbox} } }) or fail("wanted  $words", "got     nothing in $PATIENCE s");
	return shift @{ $phone->{inbox} };
}

# Why an item is not what was wanted, or nothing.
sub held_against {
	my ($self, $phone, $item, $what, $for, $again, $node) = @_;
	my $m = $item->{message};
	return $item->{bytes} eq "\r\n" ? () : ('wanted  pong (CR LF)') if $what eq 'pong';
	return ('no SIP message') if !$m;
	my $told = $m->kind . (defined $m->{code} ? ' for ' . $m->about : '');
	return ("wanted  $what", "got     $told") if $what ne '' && !Sipt::Check::kind_fits($m->kind, $what);
	return ("wanted  $what for $for", "got     $told") if defined $for && $m->about ne $for;
	my $before = grep { $_->{bytes} eq $item->{bytes} } @{ $phone->{got} };
	return ("wanted  $told again", "got     one that differs from what came before") if $again && !$before;
	return ("wanted  a new $told", 'got     a retransmission') if !$again && $before && $m->kind ne 'ACK';
	my $fault = $m->kind =~ $REFUSED ? undef : $m->fault($item->{transport});
	return ("got     $told with a fault: $fault") if defined $fault;
	return Sipt::Check::lines($self, $item, $node);
}

sub take_in {
	my ($self, $phone, $item) = @_;
	push @{ $phone->{got} }, $item;
	my $m = $item->{message} // return;
	return Sipt::Call::note_request($phone, $item) if !defined $m->{code};
	return if @{ $phone->{sent} } && $phone->{sent}[-1]{raw};
	my $wrong = Sipt::Call::note_response($phone, $m);
	fail("got     $m->{code}, but $wrong", Sipt::Check::show($item->{bytes})) if defined $wrong && $m->{code} !~ $REFUSED;
}

sub nothing {
	my ($self, @phones) = @_;
	my $quiet = $self->settle ? $QUIET : $QUIET_ALONE;
	Sipt::Net::pump($quiet, sub { grep { @{ $_->{inbox} } } @phones }) or return;
	for my $phone (@phones) {
		fail("wanted  $phone->{name} gets nothing", 'got', Sipt::Check::show($phone->{inbox}[0]{bytes})) if @{ $phone->{inbox} };
	}
}

# Takes a message away if there is one of this kind, as "alice may get 100".
sub may_get {
	my ($self, $phone, $what, $node) = @_;
	$self->settle;
	Sipt::Net::pump($QUIET, sub { @{ $phone->{inbox} } }) or return;
	my $m = $phone->{inbox}[0]{message} // return;
	$self->gets($phone, $what, $node) if Sipt::Check::kind_fits($m->kind, $what =~ /^(\S+)/);
}

# Several arrows whose messages may come in any order, also at one phone.
sub any_order {
	my ($self, @nodes) = @_;
	for my $node (@nodes) {
		my ($name, $words) = $node->{text} =~ /^(\w+)\s+gets\s+(.*)$/ or die "only 'gets' can stand in any order\n";
		my ($what, $for) = $words =~ /^(\S+)(?: for ($METHOD))?$/ or die "cannot read: gets $words\n";
		my $phone = $self->phone($name);
		my (@wrong, $found);
		my $search = sub {
			for my $item (@{ $phone->{inbox} }) {
				@wrong = $self->held_against($phone, $item, $what, $for, undef, $node);
				return $found = $item unless @wrong;
			}
			return;
		};
		$self->{report}->($node, Sipt::Net::pump($PATIENCE, $search) ? () : ("wanted  $words", @wrong));
		@{ $phone->{inbox} } = grep { $_ != $found } @{ $phone->{inbox} };
		$self->take_in($phone, $found);
	}
}

# --- shorthands ---

# The next item, if it fits; a 401 or 407 is answered with credentials first.
sub wait_for {
	my ($self, $phone, $what) = @_;
	my $item = $self->next_item($phone, $what);
	my @wrong = $self->held_against($phone, $item, $what, undef, undef, { lines => [] });
	fail(@wrong, Sipt::Check::show($item->{bytes})) if @wrong;
	$self->take_in($phone, $item);
	return $item->{message};
}

sub registers {
	my ($self, $phone, $to, $node) = @_;
	$self->sends($phone, "REGISTER sip:$phone->{domain}" . (defined $to ? " to $to" : ''), $node);
	my $m = $self->wait_for($phone, '200|401');
	return if $m->{code} == 200;
	$self->sends($phone, 'REGISTER again with credentials', { lines => [] });
	$self->wait_for($phone, '200');
}

# A call from INVITE to ACK between two phones, the first by way of the server.
sub calls {
	my ($self, $from, $to, $uri, $node) = @_;
	my $none = { lines => [] };
	my $sdp = { lines => [ { text => 'sdp', lines => [] } ] };
	$uri //= "sip:$to->{user}\@$to->{domain}";
	$self->sends($from, "INVITE $uri", { lines => [ @{ $sdp->{lines} }, @{ $node->{lines} } ] });
	Sipt::Net::pump($PATIENCE, sub { @{ $from->{inbox} } || @{ $to->{inbox} } });
	if (@{ $from->{inbox} }) {
		$self->wait_for($from, '401|407');
		$self->sends($from, 'ACK', $none);
		$self->sends($from, 'INVITE again with credentials', $none);
	}
	$self->wait_for($to, 'INVITE');
	$self->sends($to, '200', $sdp);
	$self->wait_for($from, '200');
	$self->sends($from, 'ACK', $none);
	$self->wait_for($to, 'ACK');
}

# --- server statements ---

sub covenctl {
	my ($self, $words, $node) = @_;
	my $server = $self->server($words =~ s/^-s (\w+) // ? $1 : undef);
	$self->settle;
	my $answer = $server->command(split ' ', $self->expand($words));
	my @rows = map { row_text($_) } @{ $answer->{rows} // [] };
	my @told = map { "got     row: $_" } @rows;
	my ($fails) = map { $_->{text} =~ /^fails(?:: (.*))?$/ ? $1 // '*' : () } @{ $node->{lines} };
	fail("wanted  success", "got     $answer->{error}") if !$answer->{ok} && !defined $fails;
	for (map { $_->{text} } @{ $node->{lines} }) {
		my $good = /^row: (.*)/ ? scalar grep { $self->row_fits($_, $1) } @{ $answer->{rows} } :
			/^no row: (.*)/ ? !grep { $self->row_fits($_, $1) } @{ $answer->{rows} } :
			/^(\d+) rows?$/ ? @rows == $1 :
			/^fails/ ? !$answer->{ok} && $self->fits($answer->{error}, $fails) :
			die "cannot read this line: $_\n";
		fail("wanted  $_", defined $answer->{error} ? "got     $answer->{error}" : (), @told) unless $good;
	}
}

sub row_text {
	my $row = shift;
	return join ' ', map { "$_=" . ($row->{$_} // 'null') } sort keys %$row;
}

sub row_fits {
	my ($self, $row, $wanted) = @_;
	my $pairs = options($wanted);
	return !grep { !defined $row->{$_} || !$self->fits("$row->{$_}", $pairs->{$_}) } keys %$pairs;
}

sub log_has {
	my ($self, $name, $pattern) = @_;
	my $server = $self->server($name);
	my $end = time + $PATIENCE;
	until (grep { $self->fits($_, "*$pattern*") } $server->log_lines) {
		fail("no line like $pattern in the log") if time > $end;
		sleep 0.005;
	}
}

sub log_has_not {
	my ($self, $name, $pattern) = @_;
	$self->settle;
	my ($line) = grep { $self->fits($_, "*$pattern*") } $self->server($name)->log_lines;
	fail("the log says: $line") if defined $line;
}

# --- connections ---

sub connection_state {
	my ($self, $phone, $wanted) = @_;
	my $conn = $phone->{conn} // $phone->{conns}[-1] // die "$phone->{name} has no connection\n";
	if ($wanted eq 'closed') {
		Sipt::Net::pump($PATIENCE, sub { !$conn->{open} }) or fail("$phone->{name}'s connection is still open");
		return;
	}
	$self->settle;
	Sipt::Net::pump($QUIET, sub { !$conn->{open} }) and fail("$phone->{name}'s connection was closed");
}

sub connects {
	my ($self, $phone, $to, $name) = @_;
	my $place = $self->place($phone, $to);
	$phone->connect($place->{address}, $name, $place->{transport} eq 'tls' ? 'tls' : undef);
}

# --- the play ---

# One statement that is a single line of the TAP output.
sub statement {
	my ($self, $node) = @_;
	local $_ = Sipt::Pattern::names($node->{text} =~ s/\s+/ /gr, sub { $self->{vars}{ $_[0] } });
	return $self->fails_to_start($node->{server}) if $node->{server};
	return $self->clock($1) if /^clock (\d+\w*)$/;
	return $self->covenctl($1, $node) if /^covenctl (.+)$/;
	return $self->log_has($1, $2) if /^log(?: (\w+))?: (.*)$/;
	return $self->log_has_not($1, $2) if /^no log(?: (\w+))?: (.*)$/;
	return $self->start($1) if /^start (\w+)$/;
	return $self->rewrite($1, $node) if /^rewrite (\w+)$/;
	if (/^(stop|kill) (\w+)$/) {
		my $wrong = $self->server($2)->stop($1 eq 'kill' ? 'KILL' : undef);
		fail($wrong) if defined $wrong;
		return;
	}
	return $self->nothing(values %{ $self->{phones} }) if $_ eq 'nobody gets anything';
	if (/^let (\w+) = (.*)$/) {
		$self->{vars}{$1} = $self->expand($2);
		return;
	}
	my ($phone, $verb, $rest) = /^(\w+) (\w+)(?: (.*))?$/ or die "cannot read this line\n";
	$phone = $self->phone($phone);
	return $self->sends($phone, $rest, $node) if $verb eq 'sends';
	return $self->gets($phone, $rest, $node) if $verb eq 'gets';
	$rest //= '';
	return $self->may_get($phone, $1, $node) if $verb eq 'may' && $rest =~ /^get (.*)$/;
	return $self->registers($phone, $1, $node) if $verb eq 'registers' && $rest =~ /^(?:to (\w+))?$/;
	return $self->calls($phone, $self->phone($1), $2, $node) if $verb eq 'calls' && $rest =~ /^(\w+)(?: at (\S+))?$/;
	return $self->connection_state($phone, $rest) if $verb eq 'is' && $rest =~ /^(?:closed|open)$/;
	return $self->connects($phone, $1, $2) if $verb eq 'connects' && $rest =~ /^(?:to (\S+))? ?(?:as (\w+))?$/;
	return $phone->close($_) for $verb eq 'closes' && $rest eq '' ? grep { $_->{open} } @{ $phone->{conns} } : ();
	return if $verb eq 'closes';
	die "cannot read this line\n";
}

# Plays statements; blocks play what is below them.
sub play {
	my ($self, @nodes) = @_;
	for my $node (@nodes) {
		local $_ = $node->{text};
		my @below = @{ $node->{lines} };
		next if /^(?:title|ua) / || $node->{server} && !defined $node->{server}{fails};
		$self->start_servers unless $node->{server};
		if ($_ eq 'any order') {
			$self->any_order(@below);
		} elsif (/^repeat (\d+)$/) {
			$self->play(@below) for 1 .. $1;
		} elsif (/^for (\w+) in (.*)$/) {
			my $name = $1;
			for my $value (split ' ', $2) {
				$self->{vars}{$name} = $self->expand($value);
				$self->play(@below);
			}
		} elsif ($_ eq 'together') {
			$_->hold for values %{ $self->{phones} };
			$self->play(@below);
			$_->release for values %{ $self->{phones} };
		} elsif ($_ eq 'ignore the rest') {
			$self->{ignore_rest} = 1;
		} else {
			my $said = { %$node, text => Sipt::Pattern::names($_, sub { $self->{vars}{ $_[0] } }) };
			eval { $self->statement($node); 1 } and $self->{report}->($said), next;
			my $error = $@;
			$self->{report}->($said, ref $error eq 'HASH' ? @{ $error->{why} } : "$error" =~ s/\n$//r);
		}
	}
}

# After the last statement: servers stop cleanly, and no message is left that nobody asked for.
sub finish {
	my $self = shift;
	my $rest = sub { $self->{ignore_rest} ? () : grep { @{ $_->{inbox} } } values %{ $self->{phones} } };
	my @wrong = map { ("$_->{name} was left with", Sipt::Check::show($_->{inbox}[0]{bytes})) } $rest->();
	push @wrong, map { $_->stop // () } values %{ $self->{servers} };
	Sipt::Net::pump(0, sub { 0 });
	push @wrong, map { ("$_->{name} got at the end", Sipt::Check::show($_->{inbox}[0]{bytes})) } $rest->() unless @wrong;
	return @wrong;
}

sub cleanup {
	my $self = shift;
	$_->{pid} && $_->stop('KILL') for values %{ $self->{servers} };
}

1;
