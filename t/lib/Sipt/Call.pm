# SPDX-License-Identifier: GPL-3.0-or-later
package Sipt::Call;
# What a phone says: requests and responses built from what it has learned of its dialogs.
use strict;
use warnings;
use Sipt::Digest;
use Sipt::Message;

my %PHRASE = (100 => 'Trying', 180 => 'Ringing', 183 => 'Session Progress', 200 => 'OK', 202 => 'Accepted',
	302 => 'Moved Temporarily', 404 => 'Not Found', 480 => 'Temporarily Unavailable', 486 => 'Busy Here',
	487 => 'Request Terminated', 600 => 'Busy Everywhere', 603 => 'Decline');
my %TELLS_CONTACT = map { $_ => 1 } qw(INVITE REGISTER SUBSCRIBE NOTIFY UPDATE REFER);
my %MAKES_DIALOG = map { $_ => 1 } qw(INVITE SUBSCRIBE REFER);
my $count = 0;

sub token { return sprintf '%s%x.%x', shift, ++$count, int rand 2**32 }

# --- building ---

# Headers are [name, value] pairs; an edit is [sign, name, value], signs '-' remove, '+' add, '' replace.
sub edit {
	my ($headers, $edits) = @_;
	my %replaced;
	for my $edit (@$edits) {
		my ($sign, $name, $value) = @$edit;
		my $key = Sipt::Message::key($name);
		my ($at) = grep { Sipt::Message::key($headers->[$_][0]) eq $key } 0 .. $#$headers;
		if ($sign eq '-' || $sign eq '' && !$replaced{$key}++) {
			@$headers = grep { Sipt::Message::key($_->[0]) ne $key } @$headers;
		} else {
			undef $at;
		}
		splice @$headers, $at // scalar @$headers, 0, [ $name, $value ] if $sign ne '-';
	}
}

sub assemble {
	my ($first, $headers, $text) = @_;
	my $body = $text->{body} // '';
	my @all = (@$headers, [ 'Content-Length', length $body ]);
	edit(\@all, $text->{edits});
	return join("\r\n", $first, (map { "$_->[0]: $_->[1]" } @all), '', '') . $body . ($text->{behind} // '');
}

sub via {
	my ($phone, $place, $branch) = @_;
	my $transport = $place->{transport};
	return [ Via => 'SIP/2.0/' . uc($transport) . ' ' . $phone->address($phone->kind_for($place)) . ";branch=$branch" ];
}

# --- dialogs ---

# A call that begins: no remote tag yet.
sub new_dialog {
	my ($phone, $uri, $place) = @_;
	my $dialog = { id => token("c$$-"), cseq => 0, local => "<sip:$phone->{user}\@$phone->{domain}>;tag=" . token('f'),
		remote => "<$uri>", target => $uri, routes => [], place => $place, legs => {} };
	push @{ $phone->{dialogs} }, $dialog;
	return $dialog;
}

# The dialog that a response with a To tag belongs to; a new tag makes a new leg.
sub leg {
	my ($phone, $dialog, $m) = @_;
	my $tag = $m->tag('To');
	return $dialog if !defined $tag || $dialog->{remote_tag};
	my $leg = $dialog->{legs}{$tag};
	if (!$leg) {
		$leg = { %$dialog, remote_tag => $tag, remote => $m->header('To'), legs => {}, leg_of => $dialog };
		$leg->{routes} = [ reverse map { Sipt::Message::address_uri($_) } $m->values('Record-Route') ];
		push @{ $phone->{dialogs} }, $leg;
		$dialog->{legs}{$tag} = $leg;
	}
	return $leg;
}

# Takes in a response: what it says of the dialog, of challenges, of what is to be acknowledged.
sub note_response {
	my ($phone, $m) = @_;
	my $branch = $m->branch // '';
	my ($sent) = grep { $_->{branch} eq $branch && $_->{method} eq $m->about } reverse @{ $phone->{sent} };
	return "its branch $branch is none of $phone->{name}'s requests" unless $sent;
	return 'more than one Via' if $m->values('Via') != 1;
	my $code = $m->{code};
	my $dialog = $sent->{dialog};
	my $leg = $dialog;
	if ($MAKES_DIALOG{ $sent->{method} } && $code > 100 && $code < 300) {
		$leg = leg($phone, $dialog, $m);
		my $contact = Sipt::Message::address_uri($m->header('Contact'));
		$leg->{target} = $contact if defined $contact;
		$leg->{rack} = $m->header('RSeq') . ' ' . $m->header('CSeq') if defined $m->header('RSeq');
	}
	$phone->{call} = $leg if $sent->{method} ne 'REGISTER';
	$sent->{final} = $code if $code >= 200;
	$phone->{to_ack} = { sent => $sent, response => $m, dialog => $leg } if $sent->{method} eq 'INVITE' && $code >= 200;
	if ($code == 401 || $code == 407) {
		my $header = $code == 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
		my $answer = $code == 401 ? 'Authorization' : 'Proxy-Authorization';
		$phone->{challenges} = [ map { Sipt::Digest::parse($_, $answer) } $m->values($header) ];
	}
	return;
}

# Takes in a request: it can be answered now, and may move the dialog's target.
sub note_request {
	my ($phone, $item) = @_;
	my $m = $item->{message};
	my $tag = $m->tag('To');
	my $id = $m->header('Call-ID') // '';
	if (defined $tag) {
		my $peer = $m->tag('From') // '';
		my @fit = grep { $_->{id} eq $id && $_->{local} =~ /;tag=\Q$tag\E$/ } @{ $phone->{dialogs} };
		my ($dialog) = ((grep { ($_->{remote_tag} // '') eq $peer } @fit), @fit);
		my $contact = Sipt::Message::address_uri($m->header('Contact'));
		$dialog->{target} = $contact if $dialog && defined $contact && $TELLS_CONTACT{ $m->{method} };
		$phone->{call} = $dialog if $dialog;
	}
	push @{ $phone->{requests} }, { item => $item, message => $m } if $m->{method} ne 'ACK';
}

# --- requests ---

sub keep_sent {
	my ($phone, $place, $bytes, %more) = @_;
	my $m = Sipt::Message->parse($bytes);
	push @{ $phone->{sent} }, { place => $place, bytes => $bytes, branch => $m && $m->branch // '',
		kind => $m ? $m->kind : 'raw', message => $m, %more };
	return $phone->{sent}[-1];
}

# Where a request inside a dialog goes: Request-URI, Route values and place (RFC 3261 12.2.1.1).
sub way {
	my $dialog = shift;
	my @routes = @{ $dialog->{routes} };
	my $uri = $dialog->{target};
	my $next = $routes[0] // $uri;
	if (@routes && $next !~ /;lr\b/i) {
		($uri, @routes) = (@routes, $uri);
	}
	my $place = defined $dialog->{remote_tag} ? Sipt::Message::uri_place($next) : $dialog->{place};
	return ($uri, \@routes, $place // $dialog->{place});
}

# Arguments: method, uri, place, dialog, text (edits, body, behind), credentials, slowly, conn.
sub request {
	my ($phone, %a) = @_;
	my $method = $a{method};
	return ack($phone, %a) if $method eq 'ACK' && !defined $a{uri} && !$a{dialog};
	return cancel($phone, %a) if $method eq 'CANCEL' && !defined $a{uri};
	my ($uri, $routes, $place) = $a{dialog} ? way($a{dialog}) : ($a{uri}, []);
	$uri = $a{text}{uri} // $a{uri} // $uri;
	$place = $a{place} // $place // die "where to? nothing is known of the way\n";
	my $dialog = $a{dialog} // new_dialog($phone, $a{to} // $uri, $place);
	$dialog->{cseq}++ unless $method eq 'ACK';
	my $branch = $a{branch} // token('z9hG4bK');
	my @headers = (via($phone, $place, $branch), [ 'Max-Forwards', 70 ], (map { [ Route => "<$_>" ] } @$routes),
		[ From => $dialog->{local} ], [ To => $dialog->{remote} ], [ 'Call-ID', $dialog->{id} ],
		[ CSeq => "$dialog->{cseq} $method" ]);
	push @headers, [ Contact => '<' . $phone->uri . '>' ] if $TELLS_CONTACT{$method};
	push @headers, [ RAck => $dialog->{rack} ] if $method eq 'PRACK';
	push @headers, credentials($phone, $method, $uri, $a{credentials}) if $a{credentials};
	my $bytes = assemble("$method $uri SIP/2.0", \@headers, $a{text});
	my $sent = keep_sent($phone, $place, $bytes, %a, method => $method, uri => $uri, dialog => $dialog);
	if ($MAKES_DIALOG{$method} && !$dialog->{remote_tag}) {
		my $m = $sent->{message};
		@$dialog{qw(id local)} = ($m->header('Call-ID'), $m->header('From')) if $m;
	}
	$phone->{call} = $dialog if $method ne 'REGISTER';
	$phone->transmit($bytes, $a{conn} ? { %$place, conn => $a{conn} } : $place, $a{slowly});
	return $sent;
}

# The ACK for the final response got last: its own transaction after a 2xx, else the INVITE's.
sub ack {
	my ($phone, %a) = @_;
	my ($sent, $m, $dialog) = @{ $phone->{to_ack} // die "nothing to acknowledge\n" }{qw(sent response dialog)};
	my ($number) = split ' ', $m->header('CSeq');
	my @auth = map { [ ($_->[0] eq 'authorization' ? 'Authorization' : 'Proxy-Authorization'), $_->[1] ] }
		grep { $_->[0] =~ /authorization$/ } @{ $sent->{message}{headers} };
	my ($uri, $routes, $place) = way($dialog);
	my $branch = token('z9hG4bK');
	if ($m->{code} >= 300) {
		($uri, $place, $branch) = @$sent{qw(uri place branch)};
		$routes = [ map { Sipt::Message::address_uri($_) } $sent->{message}->values('Route') ];
	}
	$place = $a{place} // $place;
	my @headers = (via($phone, $place, $branch), [ 'Max-Forwards', 70 ], (map { [ Route => "<$_>" ] } @$routes),
		[ From => $m->header('From') ], [ To => $m->header('To') ], [ 'Call-ID', $m->header('Call-ID') ],
		[ CSeq => "$number ACK" ], @auth);
	my $bytes = assemble("ACK $uri SIP/2.0", \@headers, $a{text});
	keep_sent($phone, $place, $bytes, method => 'ACK', uri => $uri, dialog => $dialog);
	$phone->transmit($bytes, $place, $a{slowly});
}

# The CANCEL of the INVITE that has no final response yet, or of the last one.
sub cancel {
	my ($phone, %a) = @_;
	my @invites = grep { $_->{kind} eq 'INVITE' } reverse @{ $phone->{sent} };
	my ($sent) = ((grep { !$_->{final} } @invites), @invites);
	my $m = ($sent // die "no INVITE to cancel\n")->{message};
	my ($number) = split ' ', $m->header('CSeq');
	my @headers = ([ Via => $m->header('Via') ], [ 'Max-Forwards', 70 ], (map { [ Route => $_ ] } $m->values('Route')),
		[ From => $m->header('From') ], [ To => $m->header('To') ], [ 'Call-ID', $m->header('Call-ID') ],
		[ CSeq => "$number CANCEL" ]);
	my $bytes = assemble("CANCEL $sent->{uri} SIP/2.0", \@headers, $a{text});
	my $place = $a{place} // $sent->{place};
	keep_sent($phone, $place, $bytes, method => 'CANCEL', uri => $sent->{uri}, dialog => $sent->{dialog});
	$phone->transmit($bytes, $place, $a{slowly});
}

# The same request as a new one of its dialog: next CSeq, new branch, and credentials if wanted.
sub request_anew {
	my ($phone, $sent, %a) = @_;
	my %new = map { Sipt::Message::key($_->[1]) => 1 } [ '', 'Via' ], grep { $_->[0] ne '+' } @{ $a{text}{edits} };
	my @old = grep { !$new{ Sipt::Message::key($_->[1]) } } @{ $sent->{text}{edits} };
	my %text = (%{ $sent->{text} }, %{ $a{text} }, edits => [ @old, @{ $a{text}{edits} } ]);
	return request($phone, method => $sent->{method}, uri => $sent->{uri}, place => $sent->{place},
		dialog => $sent->{dialog}, conn => $sent->{conn}, %a, text => \%text);
}

sub credentials {
	my ($phone, $method, $uri, $knobs) = @_;
	my %k = (user => $phone->{user}, password => $phone->{password} // '', method => $method, uri => $uri, %$knobs);
	my $wanted = delete $k{challenge} // $phone->{algorithm};
	my $challenge = Sipt::Digest::choose($wanted, @{ $phone->{challenges} })
		or die "$phone->{name} has no challenge" . (defined $wanted ? " with $wanted\n" : "\n");
	return [ split /: /, Sipt::Digest::answer($challenge, %k), 2 ];
}

# --- responses ---

# The request that a response without further words answers: the last one without a final response.
sub open_request {
	my ($phone, $method) = @_;
	my @fit = grep { !defined $method || $_->{message}{method} eq $method } reverse @{ $phone->{requests} };
	my ($request) = ((grep { !$_->{final} } @fit), @fit);
	return $request // die "$phone->{name} has got nothing to answer\n";
}

# Arguments: code, for, tag, reliably, text.
sub respond {
	my ($phone, %a) = @_;
	my $request = open_request($phone, $a{for});
	my ($m, $code) = ($request->{message}, $a{code});
	my $tag = $m->tag('To') // $a{tag} // ($phone->{tags}{ $m->header('Call-ID') } //= token("$phone->{name}-"));
	my $to = $m->header('To') . (defined $m->tag('To') || $code == 100 ? '' : ";tag=$tag");
	my @headers = map { [ Via => $_->[1] ] } grep { $_->[0] eq 'via' } @{ $m->{headers} };
	if ($MAKES_DIALOG{ $m->{method} } && $code > 100 && $code < 300) {
		push @headers, map { [ 'Record-Route', $_->[1] ] } grep { $_->[0] eq 'record-route' } @{ $m->{headers} };
		answer_dialog($phone, $m, $to, $tag);
	}
	push @headers, [ From => $m->header('From') ], [ To => $to ], map { [ $_ => $m->header($_) ] } 'Call-ID', 'CSeq';
	push @headers, [ Contact => '<' . $phone->uri . '>' ]
		if $TELLS_CONTACT{ $m->{method} } && $code > 100 && $code < 300;
	push @headers, [ Require => '100rel' ], [ RSeq => ++$request->{rseq} ] if $a{reliably};
	my $phrase = $a{text}{phrase} // $PHRASE{$code} // 'Because';
	my $bytes = assemble("SIP/2.0 $code $phrase", \@headers, $a{text});
	$request->{final} = $code if $code >= 200;
	keep_sent($phone, $request->{item}, $bytes, method => $m->{method});
	$phone->transmit($bytes, $request->{item}, $a{slowly});
}

# The called side's dialog, made by its first response with a tag.
sub answer_dialog {
	my ($phone, $m, $to, $tag) = @_;
	my $id = $m->header('Call-ID');
	my ($dialog) = grep { $_->{id} eq $id && $_->{local} =~ /;tag=\Q$tag\E$/ } @{ $phone->{dialogs} };
	if (!$dialog) {
		$dialog = { id => $id, cseq => 100, local => $to, remote => $m->header('From'),
			remote_tag => $m->tag('From') // '', legs => {},
			routes => [ map { Sipt::Message::address_uri($_) } $m->values('Record-Route') ],
			target => Sipt::Message::address_uri($m->header('Contact')) // '' };
		push @{ $phone->{dialogs} }, $dialog;
	}
	$phone->{call} = $dialog;
}

1;
