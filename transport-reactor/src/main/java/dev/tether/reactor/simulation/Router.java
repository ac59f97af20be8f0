package dev.tether.reactor.simulation;

import dev.tether.core.simulation.DropCause;
import dev.tether.core.simulation.Link;
import dev.tether.core.simulation.Nat;
import java.io.IOException;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The way of a datagram: through the uplink of its host and the NATs on the way out, over the link between both hosts, and
 * through the NATs on the way in and the downlink to the socket.
 */
final class Router {

    private final SimulatedNetwork network;
    private final VirtualClock clock;
    private final Trace trace;

    Router(SimulatedNetwork network, VirtualClock clock, Trace trace) {
        this.network = network;
        this.clock = clock;
        this.trace = trace;
    }

    void send(SimulatedSocket socket, InetSocketAddress to, byte[] datagram) {
        SimulatedHost host = socket.host();
        InetSocketAddress from = socket.localAddress();
        trace.add(new SimulationEvent.Sent(clock.nowNs(), host.name(), from, to, datagram));
        if (!host.isConnected()) {
            drop(host.name(), from, to, datagram, DropCause.PARTITION);
            return;
        }
        Link uplink = host.uplink();
        if (uplink == null) {
            route(socket, from, to, datagram, Link.Alteration.NONE);
        } else {
            uplink.transmit(datagram, clock.nowNs(), new Passage(host, socket, from, to, datagram) {
                @Override
                public void arrives(byte[] bytes, long atNs, Link.Alteration alteration) {
                    clock.scheduleAt(() -> route(socket, from, to, bytes, alteration), atNs);
                }
            });
        }
    }

    /** Out through the NATs, until the destination is in reach, and over the link to it. */
    private void route(
            SimulatedSocket socket,
            InetSocketAddress from,
            InetSocketAddress to,
            byte[] datagram,
            Link.Alteration before) {
        SimulatedHost host = socket.host();
        InetSocketAddress source = from;
        Realm realm = host.realm();
        SimulatedNat left = null;
        while (realm.at(to.getAddress()) == null && realm.nat() != null) {
            left = realm.nat();
            source = left.model().outbound(source, to, clock.nowNs());
            if (source == null) {
                drop(left.name(), from, to, datagram, DropCause.NO_NAT_MAPPING);
                return;
            }
            realm = left.outside();
        }
        Realm.Attachment target = realm.at(to.getAddress());
        if (target == null) {
            drop(host.name(), source, to, datagram, DropCause.NO_ROUTE);
        } else if (target == left && !left.settings().hairpin()) {
            drop(left.name(), source, to, datagram, DropCause.NAT_FILTERED);
        } else if (target == host) {
            arrive(realm, source, to, datagram, before);
        } else {
            Realm last = realm;
            InetSocketAddress translated = source;
            Link link = network.directed(host, owner(target, to.getPort())).link();
            link.transmit(datagram, clock.nowNs(), new Passage(host, socket, from, to, datagram) {
                @Override
                public void arrives(byte[] bytes, long arrivalNs, Link.Alteration alteration) {
                    Link.Alteration all = alteration == Link.Alteration.NONE ? before : alteration;
                    clock.scheduleAt(() -> arrive(last, translated, to, bytes, all), arrivalNs);
                }
            });
        }
    }

    /** Who is behind a NAT's port now, filters aside: the link to that host is what the datagram takes. */
    private Realm.Attachment owner(Realm.Attachment target, int port) {
        if (target instanceof SimulatedNat nat) {
            InetSocketAddress inside = nat.model().owner(port, clock.nowNs());
            Realm.Attachment next = inside == null ? null : nat.inside().at(inside.getAddress());
            return next == null || inside == null ? nat : owner(next, inside.getPort());
        }
        return target;
    }

    /** In through the NATs, and to the socket. */
    private void arrive(
            Realm realm, InetSocketAddress from, InetSocketAddress to, byte[] datagram, Link.Alteration alteration) {
        Realm.Attachment target = realm.at(to.getAddress());
        if (target instanceof SimulatedNat nat) {
            Nat.Inbound inbound = nat.model().inbound(from, to.getPort(), clock.nowNs());
            if (inbound.inside() != null) {
                arrive(nat.inside(), from, inbound.inside(), datagram, alteration);
            } else {
                drop(nat.name(), from, to, datagram, inbound.drop());
            }
        } else if (target instanceof SimulatedHost host) {
            Link downlink = host.downlink();
            if (downlink == null) {
                deliver(host, from, to, datagram, alteration);
            } else {
                downlink.transmit(datagram, clock.nowNs(), new Passage(host, null, from, to, datagram) {
                    @Override
                    public void arrives(byte[] bytes, long atNs, Link.Alteration at) {
                        Link.Alteration all = at == Link.Alteration.NONE ? alteration : at;
                        clock.scheduleAt(() -> deliver(host, from, to, bytes, all), atNs);
                    }
                });
            }
        } else {
            drop("*", from, to, datagram, DropCause.NO_ROUTE);
        }
    }

    void deliver(
            SimulatedHost host,
            InetSocketAddress from,
            InetSocketAddress to,
            byte[] datagram,
            Link.Alteration alteration) {
        SimulatedSocket socket = host.socket(to.getPort());
        if (!host.isUp()) {
            drop(host.name(), from, to, datagram, DropCause.HOST_DOWN);
        } else if (host.isSuspended()) {
            drop(host.name(), from, to, datagram, DropCause.HOST_SUSPENDED);
        } else if (!host.isConnected()) {
            drop(host.name(), from, to, datagram, DropCause.PARTITION);
        } else if (socket == null) {
            drop(host.name(), from, to, datagram, DropCause.PORT_CLOSED);
        } else if (socket.receive(from, datagram)) {
            trace.add(new SimulationEvent.Arrived(clock.nowNs(), host.name(), from, to, datagram, alteration));
        } else {
            drop(host.name(), from, to, datagram, DropCause.BUFFER_FULL);
        }
    }

    private void drop(
            String name, InetSocketAddress from, InetSocketAddress to, byte[] datagram, @Nullable DropCause cause) {
        trace.add(new SimulationEvent.Dropped(
                clock.nowNs(), name, from, to, datagram, cause == null ? DropCause.NO_ROUTE : cause));
    }

    /** What a link does with one datagram. */
    private abstract class Passage implements Link.Outcome {

        private final SimulatedHost at;
        private final @Nullable SimulatedSocket sender;
        private final InetSocketAddress from;
        private final InetSocketAddress to;
        private final byte[] datagram;

        /**
         * @param at the host that it leaves, or comes to
         * @param sender is told if the datagram is too large; null if nobody is
         */
        Passage(
                SimulatedHost at,
                @Nullable SimulatedSocket sender,
                InetSocketAddress from,
                InetSocketAddress to,
                byte[] datagram) {
            this.at = at;
            this.sender = sender;
            this.from = from;
            this.to = to;
            this.datagram = datagram;
        }

        @Override
        public void dropped(DropCause cause) {
            drop(at.name(), from, to, datagram, cause);
            if (cause == DropCause.TOO_LARGE && sender != null) {
                sender.rejectSend(to, 1, new IOException("a datagram of " + datagram.length + " bytes is too large"));
            }
        }
    }
}
