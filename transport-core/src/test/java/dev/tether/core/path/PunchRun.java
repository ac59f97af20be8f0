package dev.tether.core.path;

import dev.tether.core.NatBehaviour;
import dev.tether.core.PeerIdentity;
import dev.tether.core.frame.PunchNonce;
import dev.tether.core.frame.PunchOffer;
import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.Link;
import dev.tether.core.simulation.LinkSettings;
import dev.tether.core.simulation.Nat;
import dev.tether.core.simulation.NatSettings;
import dev.tether.core.simulation.SeededRandom;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/** Two peers that punch, each behind translators of its own or of both, with a lossy network between them; one seed, one history. */
final class PunchRun {

    static final long SECOND = 1_000_000_000L;
    static final long START_NS = 1_000 * SECOND;

    /** The way of the target's answer over the gateway to the requester. */
    static final long REQUESTER_BEGINS_NS = START_NS + SECOND / 5;

    private static final InetSocketAddress GATEWAY = endpoint(4433, 198, 51, 100, 1);

    /** What is between a peer and the public network, from the inside to the outside. */
    enum Surroundings {
        OPEN,
        FULL_CONE(NatSettings.FULL_CONE),
        ADDRESS_RESTRICTED(NatSettings.ADDRESS_RESTRICTED),
        PORT_RESTRICTED(NatSettings.PORT_RESTRICTED),
        SYMMETRIC(NatSettings.SYMMETRIC),
        NESTED(NatSettings.PORT_RESTRICTED, NatSettings.PORT_RESTRICTED);

        private final List<NatSettings> nats;

        Surroundings(NatSettings... nats) {
            this.nats = List.of(nats);
        }
    }

    /** A peer: its socket, the translators before it, its session, and when that has come to its result. */
    static final class Host {
        final InetSocketAddress inside;
        final List<Nat> nats;
        final PunchOffer offer;
        final PeerIdentity identity;
        final long beginsNs;

        @Nullable
        PunchSession session;

        long resultNs;

        private Host(InetSocketAddress inside, List<Nat> nats, PunchOffer offer, PeerIdentity identity, long beginsNs) {
            this.inside = inside;
            this.nats = nats;
            this.offer = offer;
            this.identity = identity;
            this.beginsNs = beginsNs;
        }

        PunchResult result() {
            return Objects.requireNonNull(Objects.requireNonNull(session).result());
        }

        long tookNs() {
            return resultNs - beginsNs;
        }
    }

    private record Arrival(long atNs, long order, InetSocketAddress from, InetSocketAddress to, byte[] datagram) {}

    private final SeededRandom random;
    private final Link fromRequester;
    private final Link fromTarget;
    private final PriorityQueue<Arrival> arrivals =
            new PriorityQueue<>(Comparator.comparingLong(Arrival::atNs).thenComparingLong(Arrival::order));
    private final List<Host> hosts = new ArrayList<>();
    final Host requester;
    final Host target;
    private long order;
    long nowNs = START_NS;

    /** Each behind its own. */
    static PunchRun between(Surroundings requesters, Surroundings targets, LinkSettings link, long seed) {
        SeededRandom random = new SeededRandom(seed);
        return new PunchRun(
                random, link, nats(requesters, 1, random.split("a")), nats(targets, 2, random.split("b")), 1, 2);
    }

    /** Both behind the same ones. */
    static PunchRun behindOne(List<NatSettings> settings, LinkSettings link, long seed) {
        SeededRandom random = new SeededRandom(seed);
        List<Nat> nats = nats(settings, 1, random.split("a"));
        return new PunchRun(random, link, nats, nats, 1, 1);
    }

    private PunchRun(
            SeededRandom random,
            LinkSettings link,
            List<Nat> requesters,
            List<Nat> targets,
            int firstNet,
            int secondNet) {
        this.random = random;
        fromRequester = new Link(link, random.split("from requester"));
        fromTarget = new Link(link, random.split("from target"));
        requester = host(requesters, firstNet, 11, REQUESTER_BEGINS_NS);
        target = host(targets, secondNet, 12, START_NS);
    }

    static LinkSettings link(int latencyMs, double loss) {
        return LinkSettings.PERFECT.latency(Duration.ofMillis(latencyMs)).loss(loss);
    }

    private static List<Nat> nats(Surroundings surroundings, int net, SeededRandom random) {
        return nats(surroundings.nats, net, random);
    }

    private static List<Nat> nats(List<NatSettings> settings, int net, SeededRandom random) {
        List<Nat> nats = new ArrayList<>();
        for (int i = 0; i < settings.size(); i++) {
            boolean outermost = i == settings.size() - 1;
            InetAddress outside = outermost ? address(203, 0, 113, net) : address(100, 64, net, 7);
            nats.add(new Nat(settings.get(i), outside, random.split("nat " + i)));
        }
        return nats;
    }

    private Host host(List<Nat> nats, int net, int number, long beginsNs) {
        InetSocketAddress inside =
                nats.isEmpty() ? endpoint(5000, 192, 0, 2, number) : endpoint(5000, 192, 168, net, number);
        InetSocketAddress observed = outbound(nats, inside, GATEWAY);
        List<InetSocketAddress> candidates = observed.equals(inside) ? List.of(inside) : List.of(observed, inside);
        byte[] key = new byte[PeerIdentity.LENGTH];
        key[0] = (byte) number;
        NatBehaviour behaviour = nats.isEmpty() ? NatBehaviour.NONE : NatBehaviour.UNKNOWN;
        PunchOffer offer = new PunchOffer(PunchNonce.draw(random), behaviour, candidates);
        Host host = new Host(inside, nats, offer, PeerIdentity.of(key), beginsNs);
        hosts.add(host);
        return host;
    }

    /** Runs until both have their results, and a moment longer. */
    PunchRun run() {
        long endNs = Long.MAX_VALUE;
        while (nowNs < endNs) {
            step(endNs);
            if (endNs == Long.MAX_VALUE && requester.resultNs > 0 && target.resultNs > 0) {
                endNs = nowNs + SECOND;
            }
            if (nowNs > START_NS + 60 * SECOND) {
                throw new AssertionError("a session hangs");
            }
        }
        return this;
    }

    private void step(long endNs) {
        long nextNs = arrivals.isEmpty() ? endNs : Math.min(endNs, arrivals.element().atNs);
        for (Host host : hosts) {
            nextNs = Math.min(nextNs, host.session == null ? host.beginsNs : host.session.nextTimeoutNs());
        }
        nowNs = Math.max(nowNs, nextNs);
        while (!arrivals.isEmpty() && arrivals.element().atNs <= nowNs) {
            Arrival arrival = arrivals.remove();
            Host host = receiver(arrival.from, arrival.to, null);
            if (host != null && host.session != null) {
                host.session.handleDatagram(arrival.datagram, 0, arrival.datagram.length, arrival.from, nowNs);
                drain(host);
            }
        }
        for (Host host : hosts) {
            if (host.session == null && host.beginsNs <= nowNs) {
                begin(host);
            }
            if (host.session != null) {
                host.session.handleTimeout(nowNs);
                drain(host);
            }
        }
    }

    private void begin(Host host) {
        host.session = host == requester
                ? PunchSession.ofRequester(
                        host.identity, host.offer, target.identity, target.offer, random.split("requester"), nowNs)
                : PunchSession.ofTarget(
                        host.identity, host.offer, requester.identity, requester.offer, random.split("target"), nowNs);
    }

    private void drain(Host host) {
        PunchSession session = Objects.requireNonNull(host.session);
        for (PunchTransmit transmit = session.pollTransmit(nowNs);
                transmit != null;
                transmit = session.pollTransmit(nowNs)) {
            send(host, transmit);
        }
        if (session.result() != null && host.resultNs == 0) {
            host.resultNs = nowNs;
        }
    }

    private void send(Host host, PunchTransmit transmit) {
        InetSocketAddress to = transmit.to();
        InetSocketAddress from = sourceOf(host, to);
        Link link = host == requester ? fromRequester : fromTarget;
        link.transmit(transmit.datagram(), nowNs, new Link.Outcome() {
            @Override
            public void arrives(byte[] datagram, long atNs, Link.Alteration alteration) {
                arrivals.add(new Arrival(atNs, order++, from, to, datagram));
            }

            @Override
            public void dropped(DropCause cause) {}
        });
    }

    /** The source that the receiver sees: within a network, nothing is translated. */
    private InetSocketAddress sourceOf(Host host, InetSocketAddress to) {
        return sameNet(host.inside, to) ? host.inside : outbound(host.nats, host.inside, to);
    }

    private InetSocketAddress outbound(List<Nat> nats, InetSocketAddress inside, InetSocketAddress to) {
        InetSocketAddress from = inside;
        for (Nat nat : nats) {
            from = Objects.requireNonNull(nat.outbound(from, to, nowNs));
        }
        return from;
    }

    /** Who gets what is sent to an address now; null for nobody. A private address is reached in its own network only. */
    @Nullable
    Host receiver(InetSocketAddress from, InetSocketAddress to, @Nullable Host sender) {
        for (Host host : hosts) {
            if (host != sender && host.inside.equals(to) && isReachable(host, from)) {
                return host;
            }
            InetSocketAddress inside = to;
            for (int i = host.nats.size() - 1; i >= 0 && inside != null; i--) {
                Nat nat = host.nats.get(i);
                inside = nat.outside().equals(inside.getAddress())
                        ? nat.inbound(from, inside.getPort(), nowNs).inside()
                        : null;
            }
            if (inside != null && inside.equals(host.inside) && !host.nats.isEmpty()) {
                return host;
            }
        }
        return null;
    }

    private static boolean isReachable(Host host, InetSocketAddress from) {
        return host.nats.isEmpty() || sameNet(host.inside, from);
    }

    private static boolean sameNet(InetSocketAddress a, InetSocketAddress b) {
        return Arrays.equals(a.getAddress().getAddress(), 0, 3, b.getAddress().getAddress(), 0, 3);
    }

    /** Whether what a host sends to the address that it has found now gets to the other one. */
    boolean delivers(Host from, Host to) {
        InetSocketAddress address = ((PunchResult.Reached) from.result()).address();
        return receiver(sourceOf(from, address), address, from) == to;
    }

    static InetSocketAddress endpoint(int port, int... bytes) {
        return new InetSocketAddress(address(bytes), port);
    }

    private static InetAddress address(int... bytes) {
        byte[] address = new byte[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            address[i] = (byte) bytes[i];
        }
        try {
            return InetAddress.getByAddress(address);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }
}
