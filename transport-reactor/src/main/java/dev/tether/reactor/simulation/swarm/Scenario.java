package dev.tether.reactor.simulation.swarm;

import dev.tether.core.TransportSettings;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.NatSettings;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens in one history: who is there, what is between them, who talks to whom, and what goes wrong. A first phase
 * with faults is followed by a calm one, in which everything has to come to rest: links are healed and lose nothing, hosts
 * run, wanted connections are established and all messages are delivered.
 *
 * @param seed decides everything that is random: keys, ids, jitter, what the network does to which datagram
 * @param nats in an order in which each is behind an earlier one, or behind none
 * @param peers one host and one node each; at least 2
 * @param gateways peers that introduce the others, all of which have a link to each of them; on the internet, and with one key. Whoever is
 *     behind a NAT is dialed by its key then
 * @param link what is between two peers that {@code links} does not name
 * @param links what is between some, in one direction each
 * @param dials who wants to be connected to whom
 * @param keeps who keeps a link to whom
 * @param streams who opens streams to whom
 * @param datagrams who sends unreliable datagrams to whom
 * @param faults what goes wrong
 * @param faultPhase how long the first phase lasts; faults that begin later are left out
 * @param calmPhase how long the second one lasts: long enough for lost connections to be found lost, more than 30 s
 */
public record Scenario(
        long seed,
        List<Nat> nats,
        List<Peer> peers,
        List<String> gateways,
        LinkSettings link,
        List<OneWay> links,
        List<Dial> dials,
        List<Keep> keeps,
        List<Streams> streams,
        List<Datagrams> datagrams,
        List<Fault> faults,
        Duration faultPhase,
        Duration calmPhase) {

    /** @throws IllegalArgumentException naming what does not fit together */
    public Scenario {
        nats = List.copyOf(nats);
        peers = List.copyOf(peers);
        gateways = List.copyOf(gateways);
        links = List.copyOf(links);
        dials = List.copyOf(dials);
        keeps = List.copyOf(keeps);
        streams = List.copyOf(streams);
        datagrams = List.copyOf(datagrams);
        faults = List.copyOf(faults);
        ScenarioCheck.check(nats, peers, gateways, links, dials, keeps, streams, datagrams, faults);
        if (calmPhase.compareTo(ScenarioRun.IDLE) <= 0) {
            throw new IllegalArgumentException("the calm phase lasts " + calmPhase + ", it must be longer than "
                    + ScenarioRun.IDLE + ", its end in which nothing happens");
        }
    }

    /** A scenario that the seed alone decides. */
    public static Scenario draw(long seed) {
        return draw(seed, Limits.NONE);
    }

    /** A scenario that the seed decides, but for what {@code limits} say. */
    public static Scenario draw(long seed, Limits limits) {
        return new ScenarioDraw(seed, limits).draw();
    }

    /**
     * What is not left to the seed; null for what is.
     *
     * @param peers how many, 2 to 10,000
     * @param link the default link in the first phase
     * @param nat what every peer but the first is behind
     * @param faultPhase how long the first phase lasts
     */
    public record Limits(
            @Nullable Integer peers,
            @Nullable LinkSettings link,
            @Nullable NatSettings nat,
            @Nullable Duration faultPhase) {

        /** All is left to the seed. */
        public static final Limits NONE = new Limits(null, null, null, null);

        public Limits {
            if (peers != null && (peers < 2 || peers > 10_000)) {
                throw new IllegalArgumentException(peers + " peers, there must be from 2 to 10000");
            }
        }
    }

    /**
     * A NAT.
     *
     * @param behind the name of the NAT that it is behind; null for the internet
     */
    public record Nat(
            String name, NatSettings settings, @Nullable String behind) {}

    /**
     * A peer: a host with one node, which is bound again whenever the host has crashed and started.
     *
     * @param behind the name of the NAT that it is behind; null for the internet
     * @param offload whether its sockets take runs of datagrams
     * @param reader how it takes messages
     * @param admission whom it lets in; null for everybody, without being asked
     */
    public record Peer(
            String name,
            @Nullable String behind,
            TransportSettings settings,
            boolean offload,
            Reader reader,
            @Nullable Admission admission) {}

    /**
     * The application of a peer decides on each attempt to connect to it.
     *
     * @param maxDelay how long a decision takes at most; some are made at once
     * @param refusals whom it refuses; all others are let in
     */
    public record Admission(Duration maxDelay, List<Refusal> refusals) {

        public Admission {
            refusals = List.copyOf(refusals);
        }
    }

    /**
     * The attempts of one peer are refused for some time.
     *
     * @param until ends with the first phase at the latest
     * @param code what the application refuses with, 0 to 2^62 - 1
     */
    public record Refusal(String peer, Duration from, Duration until, long code) {}

    /**
     * How a peer takes messages: {@code batch} at once, then none for {@code pause}; a pause of zero takes all at once.
     *
     * @param batch how many messages are requested at a time; at least 1
     */
    public record Reader(int batch, Duration pause) {

        /** Takes what comes. */
        public static final Reader EAGER = new Reader(Integer.MAX_VALUE, Duration.ZERO);
    }

    /** What is between two peers in one direction. */
    public record OneWay(String from, String to, LinkSettings settings) {}

    /**
     * A peer wants a connection to another one: it dials, and dials again a while after the connection has ended. On each
     * such connection, both sides send.
     *
     * @param start when it dials first, after the beginning
     * @param there what the dialing peer sends
     * @param back what the dialed peer sends
     */
    public record Dial(String from, String to, Duration start, Traffic there, Traffic back) {}

    /**
     * A peer keeps a link to another one, beside whatever else they do, and sends through it.
     *
     * @param start when it begins, after the beginning
     * @param traffic what it sends, over whatever connections
     */
    public record Keep(String from, String to, Duration start, Traffic traffic) {}

    /**
     * A peer opens streams on each of its connections with another one, whoever has dialed it. The seed decides of each of
     * them whether it carries bytes in both directions, how many, in which pieces, and how they are sent and taken.
     *
     * @param count how many on each connection
     * @param atOnce after how many that are not over the next one waits for the end of one of them; at least 1
     * @param maxSize how many bytes one direction has at the most; they are drawn from 0 to it
     * @param pause how long after the end of one the next one is opened
     * @param trouble the probability that a direction is given up at one of its ends; 0 to 1
     */
    public record Streams(String from, String to, int count, int atOnce, int maxSize, Duration pause, double trouble) {

        /** @throws IllegalArgumentException naming the value that is out of its range */
        public Streams {
            if (atOnce < 1) {
                throw new IllegalArgumentException("atOnce is " + atOnce + ", it must be at least 1");
            }
            if (!(trouble >= 0 && trouble <= 1)) {
                throw new IllegalArgumentException("trouble is " + trouble + ", it must be from 0 to 1");
            }
        }
    }

    /**
     * A peer sends unreliable datagrams on each of its connections with another one, whoever has dialed it.
     *
     * @param traffic what it sends; sizes go no further than the connection allows, but for a few that are refused
     */
    public record Datagrams(String from, String to, Traffic traffic) {}

    /**
     * What one side sends on a connection: a number of calls of {@code send()}, one after another, {@code pause} after the end
     * of the one before.
     *
     * @param sends how many calls
     * @param messages how many messages each sends
     * @param maxSize the largest message, in bytes; sizes are drawn from 16, which tell one from another, to it
     */
    public record Traffic(int sends, int messages, int maxSize, Duration pause) {

        /** Nothing. */
        public static final Traffic NONE = new Traffic(0, 0, 0, Duration.ZERO);
    }
}
