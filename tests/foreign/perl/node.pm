# A node of Maelstrom's protocol in plain Perl: lines of JSON, and a clock that ticks meanwhile.
package node;
use strict;
use warnings;
use JSON::PP;

our $json = JSON::PP->new->canonical->allow_nonref;
our ($id, @ids);

sub say_to {
    my ($dest, %body) = @_;
    syswrite STDOUT, $json->encode({src => $id, dest => $dest, body => \%body}) . "\n";
}

# Serves until the input ends: $handlers by type, and $tick is called every $seconds.
sub serve {
    my ($handlers, $tick, $seconds) = @_;
    my $buffer = '';
    while (1) {
        my $bits = '';
        vec($bits, fileno(STDIN), 1) = 1;
        if (!select(my $ready = $bits, undef, undef, $seconds)) {
            $tick->() if defined $id;
            next;
        }
        sysread(STDIN, my $more, 65536) or last;
        $buffer .= $more;
        while ($buffer =~ s/^(.*)\n//) {
            take($json->decode($1), $handlers);
        }
    }
}

sub take {
    my ($message, $handlers) = @_;
    my ($src, $body) = ($message->{src}, $message->{body});
    my %reply;
    if ($body->{type} eq 'init') {
        $id  = $body->{node_id};
        @ids = @{$body->{node_ids}};
        %reply = (type => 'init_ok');
    }
    elsif (my $handler = $handlers->{$body->{type}}) {
        %reply = $handler->($body, $src);
    }
    else {
        %reply = (type => 'error', code => 10, text => "no $body->{type} here");
    }
    say_to($src, %reply, in_reply_to => $body->{msg_id} + 0) if %reply && defined $body->{msg_id};
}

1;
