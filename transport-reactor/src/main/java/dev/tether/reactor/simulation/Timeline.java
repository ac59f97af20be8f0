package dev.tether.reactor.simulation;

import dev.tether.core.ConnectionState;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.core.error.TransportException;
import dev.tether.core.simulation.Link;
import dev.tether.core.wire.CookieReplyDatagram;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.InitiationDatagram;
import dev.tether.core.wire.PunchDatagram;
import dev.tether.core.wire.ResponseDatagram;
import dev.tether.core.wire.StatelessResetDatagram;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The last events of a simulated network, for a human: one line for each, with the time in seconds, the host, and what
 * happened to it.
 *
 * <pre>
 *    0.000000  a         sends     initiation 7d0c9a4e11f0c2b3, 1200 bytes, to 198.18.0.2:4433
 *    0.040000  b         gets      initiation 7d0c9a4e11f0c2b3, 1200 bytes, from 198.18.0.1:49152
 *    0.080000  a         is now    Established, with ikxkhvkw at 198.18.0.2:4433, connection 7d0c9a4e11f0c2b3
 *    0.130000  a         LOST      data 0a1b2c3d4e5f6071 #12, 1200 bytes, from 198.18.0.1:49152 to 198.18.0.2:4433: LOSS
 * </pre>
 *
 * <p>Behind the type of a datagram is the connection id that it names: the receiver's of a data packet, a response and a
 * cookie reply, the sender's of an initiation; and of a data packet the packet number. Contents are encrypted, and never
 * printed.
 *
 * <p>Used on the thread that moves the time.
 */
public final class Timeline {

    private final int maxEvents;
    private final ArrayDeque<SimulationEvent> events = new ArrayDeque<>();
    private long forgotten;

    private Timeline(int maxEvents) {
        this.maxEvents = maxEvents;
    }

    /**
     * Records what happens in a network from now on.
     *
     * @param maxEvents how many events are kept, at least 1; the oldest is forgotten first. Each keeps its datagram in memory
     */
    public static Timeline of(SimulatedNetwork network, int maxEvents) {
        if (maxEvents < 1) {
            throw new IllegalArgumentException("maxEvents is " + maxEvents + ", it must be at least 1");
        }
        Timeline timeline = new Timeline(maxEvents);
        network.onEvent(timeline::add);
        return timeline;
    }

    /** The events that are kept, the oldest first. */
    public List<SimulationEvent> events() {
        return List.copyOf(events);
    }

    /** How many older events are not kept any more. */
    public long forgotten() {
        return forgotten;
    }

    /**
     * Prints the events, each on a line of its own, and first how many are forgotten, if any are.
     *
     * @throws UncheckedIOException if {@code out} fails
     */
    public void print(Appendable out) {
        try {
            if (forgotten > 0) {
                out.append(String.format(Locale.ROOT, "  (%d earlier events are forgotten)%n", forgotten));
            }
            for (SimulationEvent event : events) {
                out.append(line(event)).append(System.lineSeparator());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@link #print} prints. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        print(text);
        return text.toString();
    }

    private void add(SimulationEvent event) {
        if (events.size() == maxEvents) {
            events.remove();
            forgotten++;
        }
        events.add(event);
    }

    private static String line(SimulationEvent event) {
        if (event instanceof SimulationEvent.Sent it) {
            return line(event, "sends", datagram(it.datagram()) + ", to " + address(it.to()));
        } else if (event instanceof SimulationEvent.Arrived it) {
            String how = it.alteration() == Link.Alteration.NONE
                    ? ""
                    : ": " + it.alteration().name().toLowerCase(Locale.ROOT);
            return line(event, "gets", datagram(it.datagram()) + ", from " + address(it.from()) + how);
        } else if (event instanceof SimulationEvent.Dropped it) {
            return line(
                    event,
                    "LOST",
                    datagram(it.datagram()) + ", from " + address(it.from()) + " to " + address(it.to()) + ": "
                            + it.cause());
        } else if (event instanceof SimulationEvent.StateEntered it) {
            return line(
                    event, "is now", state(it.state()) + with(it.peer().shortName(), it.remote(), it.connectionId()));
        } else if (event instanceof SimulationEvent.Ended it) {
            return line(event, "ENDS", end(it.failure()) + with(it.peer().shortName(), it.remote(), it.connectionId()));
        } else if (event instanceof SimulationEvent.Changed it) {
            return line(event, "*", it.change());
        }
        throw new AssertionError("an event of no known kind: " + event);
    }

    private static String state(ConnectionState state) {
        if (state instanceof ConnectionState.Establishing it) {
            return "Establishing (attempt " + it.attempt() + ')';
        } else if (state instanceof ConnectionState.Closing it) {
            return "Closing (" + it.reason() + ')';
        }
        return state.getClass().getSimpleName();
    }

    private static String end(@Nullable TransportException failure) {
        if (failure == null) {
            return "closed";
        }
        String reason = "";
        if (failure instanceof ConnectionLostException lost) {
            reason = " " + lost.reason();
        } else if (failure instanceof ConnectionEstablishmentException notEstablished) {
            reason = " " + notEstablished.reason();
        }
        return failure.getClass().getSimpleName() + reason + " (" + failure.getMessage() + ')';
    }

    private static String line(SimulationEvent event, String verb, String what) {
        long micros = event.timeNs() / 1_000;
        return String.format(
                Locale.ROOT,
                "%5d.%06d  %-9s %-9s %s",
                micros / 1_000_000,
                micros % 1_000_000,
                event.host(),
                verb,
                what);
    }

    private static String with(String peer, InetSocketAddress remote, long connectionId) {
        return ", with " + peer + " at " + address(remote) + ", connection " + hex(connectionId);
    }

    private static String address(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : '[' + host + ']') + ':' + address.getPort();
    }

    private static String datagram(byte[] bytes) {
        return type(bytes) + ", " + bytes.length + (bytes.length == 1 ? " byte" : " bytes");
    }

    private static String type(byte[] bytes) {
        int length = bytes.length;
        int type = length == 0 ? 0 : bytes[0];
        if (DataHeader.isWellFormed(bytes, 0, length)) {
            return "data " + hex(DataHeader.receiverConnectionId(bytes, 0)) + " #" + DataHeader.packetNumber(bytes, 0);
        } else if (InitiationDatagram.isWellFormed(bytes, 0, length)) {
            return "initiation " + hex(InitiationDatagram.senderConnectionId(bytes, 0));
        } else if (ResponseDatagram.isWellFormed(bytes, 0, length)) {
            return "response " + hex(ResponseDatagram.receiverConnectionId(bytes, 0));
        } else if (CookieReplyDatagram.isWellFormed(bytes, 0, length)) {
            return "cookie " + hex(CookieReplyDatagram.receiverConnectionId(bytes, 0));
        } else if (StatelessResetDatagram.isWellFormed(bytes, 0, length)) {
            return "reset " + hex(StatelessResetDatagram.connectionId(bytes, 0));
        } else if (PunchDatagram.isWellFormed(bytes, 0, length)) {
            String kind = PunchDatagram.isReply(bytes, 0) ? "punch reply " : "punch ";
            return kind + String.format(Locale.ROOT, "%08x", PunchDatagram.tag(bytes, 0));
        }
        return switch (type) {
            case DatagramType.INITIATION -> "malformed initiation";
            case DatagramType.RESPONSE -> "malformed response";
            case DatagramType.COOKIE_REPLY -> "malformed cookie";
            case DatagramType.DATA -> "malformed data";
            case DatagramType.STATELESS_RESET -> "malformed reset";
            case DatagramType.PUNCH -> "malformed punch";
            default -> "unknown datagram";
        };
    }

    private static String hex(long connectionId) {
        return String.format(Locale.ROOT, "%016x", connectionId);
    }
}
