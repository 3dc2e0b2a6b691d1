#!/usr/bin/env perl
# A counter that goes up and down: each node counts what it took, up and down apart, and all send what they
# know of everyone to everyone; the larger number is the later one.
# WRONG=twice: what others know is added, and not compared.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use node;

my %known;    # node -> [up, down]
my $wrong = $ENV{WRONG} // '';

sub join_in {
    my ($theirs) = @_;
    for my $name (keys %$theirs) {
        $known{$name} //= [0, 0];
        for my $n (0, 1) {
            my $number = $theirs->{$name}[$n];
            if ($wrong eq 'twice') { $known{$name}[$n] += $number }
            elsif ($number > $known{$name}[$n]) { $known{$name}[$n] = $number }
        }
    }
}

node::serve({
    add => sub {
        my ($body) = @_;
        my $own = $known{$node::id} //= [0, 0];
        if   ($body->{delta} < 0) { $own->[1] -= $body->{delta} }
        else                      { $own->[0] += $body->{delta} }
        return (type => 'add_ok');
    },
    read => sub {
        my $sum = 0;
        $sum += $_->[0] - $_->[1] for values %known;
        return (type => 'read_ok', value => $sum);
    },
    all => sub { join_in($_[0]{known}); return },
}, sub {
    for my $dest (grep { $_ ne $node::id } @node::ids) {
        node::say_to($dest, type => 'all', known => \%known);
    }
}, 0.05);
