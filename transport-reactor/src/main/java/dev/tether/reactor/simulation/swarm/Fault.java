package dev.tether.reactor.simulation.swarm;

import dev.tether.core.simulation.LinkSettings;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** Something that goes wrong in a scenario. Names are those of peers and NATs. */
public sealed interface Fault {

    /** When it begins, after the beginning of the history. */
    Duration at();

    /** How long it lasts; zero for what takes no time. */
    default Duration length() {
        return Duration.ZERO;
    }

    /** When it is over. */
    default Duration end() {
        return at().plus(length());
    }

    /** The peers that it is done to. */
    List<String> peers();

    /** One that is done to one peer. */
    sealed interface OfPeer extends Fault {

        String peer();

        @Override
        default List<String> peers() {
            return List.of(peer());
        }
    }

    /** Everything between {@code some} and {@code others} is cut for a while, or in one direction only. */
    record Partition(Duration at, Duration length, List<String> some, List<String> others, boolean oneWay)
            implements Fault {

        @Override
        public List<String> peers() {
            return Stream.concat(some.stream(), others.stream()).toList();
        }
    }

    /** What is between two peers changes, in one direction. */
    record ChangeLink(Duration at, String from, String to, LinkSettings settings) implements Fault {

        @Override
        public List<String> peers() {
            return List.of(from, to);
        }
    }

    /** A peer loses power, and starts a while later, with nothing left but its key, or not even that. */
    record Crash(Duration at, Duration downtime, String peer, boolean newKey) implements OfPeer {

        @Override
        public Duration length() {
            return downtime;
        }
    }

    /** A peer sleeps for a while. */
    record Suspend(Duration at, Duration length, String peer) implements OfPeer {}

    /** The network interface of a peer takes nothing for a while. */
    record Stall(Duration at, Duration length, String peer) implements OfPeer {}

    /** A peer's wall clock jumps. */
    record ClockStep(Duration at, String peer, Duration by) implements OfPeer {}

    /** A NAT forgets its mappings. */
    record Rebind(Duration at, String nat) implements Fault {

        @Override
        public List<String> peers() {
            return List.of();
        }
    }

    /** The applications of a peer close all of their connections with another one. */
    record Close(Duration at, String peer, String other, long code) implements Fault {

        @Override
        public List<String> peers() {
            return List.of(peer, other);
        }
    }

    /** A peer shuts its node down in order, and binds it again a while later. */
    record Shutdown(Duration at, Duration downtime, String peer) implements OfPeer {

        @Override
        public Duration length() {
            return downtime;
        }
    }

    /** Somebody on the path sends datagrams to a peer again that have been sent to it before. */
    record Replay(Duration at, String peer, int datagrams) implements OfPeer {}

    /** Somebody sends random bytes to a peer, from random sources and from those that it knows. */
    record Garbage(Duration at, String peer, int datagrams) implements OfPeer {}

    /** A peer with a key of its own connects and acknowledges packets that it was never sent. */
    record OptimisticAck(Duration at, String peer) implements OfPeer {}
}
