package dev.tether.core.endpoint;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.TransportSettings;
import dev.tether.core.connection.Connection;
import dev.tether.core.connection.ConnectionEnd;
import dev.tether.core.connection.ConnectionEvent;
import dev.tether.core.connection.DeliveredUpTo;
import dev.tether.core.connection.EngineContext;
import dev.tether.core.connection.Pong;
import dev.tether.core.connection.Transmit;
import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.noise.KeyPair;
import dev.tether.core.simulation.SeededRandom;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.ResponseDatagram;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An endpoint on a {@link LossyNetwork}, with an application that sends and keeps messages. */
final class EnginePeer {

    /** What the application has of one connection. */
    static final class Session {
        final Connection connection;
        final List<ConnectionState> states = new ArrayList<>();
        final List<byte[]> received = new ArrayList<>();
        final List<Pong> pongs = new ArrayList<>();
        final List<DeliveredUpTo> delivered = new ArrayList<>();
        private final ArrayDeque<Outgoing> toSend = new ArrayDeque<>();
        boolean reading = true;

        /** Whether the connection keeps what it has received beyond its end; then the test releases it. */
        boolean kept;

        @Nullable
        ConnectionEnd end;

        Session(Connection connection) {
            this.connection = connection;
        }

        void send(byte[] message) {
            send(message, 0, 0);
        }

        void send(byte[] message, long linkId, long number) {
            toSend.add(new Outgoing(Unpooled.wrappedBuffer(message), linkId, number));
        }

        boolean isDelivered() {
            return toSend.isEmpty()
                    && connection.messages().acknowledgedBytes()
                            == connection.messages().offeredBytes();
        }
    }

    private record Outgoing(ByteBuf message, long linkId, long number) {}

    private final LossyNetwork network;
    private final InetSocketAddress address;
    private final KeyPair keyPair;
    private final Endpoint endpoint;
    private final Transmit transmit;
    private final Map<Connection, Session> sessions = new LinkedHashMap<>();
    private final List<Session> all = new ArrayList<>();
    private final ArrayDeque<Connection> due = new ArrayDeque<>();

    /** Whether nothing is read of the sessions that follow, but with {@link #read}; that works after their end, too. */
    boolean readsByHand;

    EnginePeer(LossyNetwork network, int port, SeededRandom random, TransportSettings settings) {
        this(network, port, random, settings, KeyPair.generate(random));
    }

    EnginePeer(LossyNetwork network, int port, SeededRandom random, TransportSettings settings, KeyPair keyPair) {
        this(network, port, random, settings, keyPair, false);
    }

    /** @param asksForAdmission whether a test decides on each attempt of another peer */
    EnginePeer(
            LossyNetwork network,
            int port,
            SeededRandom random,
            TransportSettings settings,
            KeyPair keyPair,
            boolean asksForAdmission) {
        this.network = network;
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.keyPair = keyPair;
        this.endpoint = new Endpoint(
                new EngineContext(keyPair, settings, random, UnpooledByteBufAllocator.DEFAULT),
                asksForAdmission,
                network.nowNs());
        this.transmit = new Transmit(1 + random.nextInt(8));
        network.attach(this);
    }

    InetSocketAddress address() {
        return address;
    }

    PeerIdentity identity() {
        return keyPair.identity();
    }

    KeyPair keyPair() {
        return keyPair;
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** All sessions that ever were, in the order of their creation. */
    List<Session> sessions() {
        return all;
    }

    /** The session that is established; there must be one. */
    Session established() {
        return all.stream()
                .filter(session -> session.connection.isOpen())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no established connection"));
    }

    Session connect(EnginePeer peer) {
        Connection connection = endpoint.connect(peer.identity(), peer.address(), false, network.nowNs());
        drain(network.nowNs());
        return sessionOf(connection);
    }

    /** The next message of a session, or null; tells the peer so. */
    byte @Nullable [] read(Session session) {
        ByteBuf message = session.connection.messages().poll(network.nowNs());
        pump(network.nowNs());
        return message == null ? null : bytesOf(message);
    }

    void handle(byte[] datagram, InetSocketAddress from, long nowNs) {
        if (datagram.length > 0 && datagram[0] == DatagramType.INITIATION) {
            endpoint.handleInitiation(datagram, 0, datagram.length, from, nowNs);
        } else {
            Connection connection = route(datagram, from);
            if (connection != null) {
                connection.handleDatagram(datagram, 0, datagram.length, from, nowNs);
                due.add(connection);
            } else {
                endpoint.handleStray(datagram, 0, datagram.length, from, nowNs);
            }
        }
        drain(nowNs);
    }

    void handleTimeouts(long nowNs) {
        for (Connection connection : List.copyOf(sessions.keySet())) {
            if (connection.nextTimeoutNs() <= nowNs) {
                connection.handleTimeout(nowNs);
                due.add(connection);
            }
        }
        drain(nowNs);
    }

    long nextTimeoutNs() {
        long nextNs = Long.MAX_VALUE;
        for (Connection connection : sessions.keySet()) {
            nextNs = Math.min(nextNs, connection.nextTimeoutNs());
        }
        return nextNs;
    }

    /** Lets the application and every connection do what they can now. */
    void pump(long nowNs) {
        due.addAll(sessions.keySet());
        drain(nowNs);
    }

    /** Ends all sessions without a word, and releases what those have that were kept. */
    void releaseAll() {
        for (Session session : all) {
            session.connection.fail(new ChannelClosedException("released", session.connection.context(), null));
            session.connection.release();
            session.connection.datagrams().release();
        }
    }

    /** Drains the connections that something has happened to, and no others: each of them has to be handed out. */
    private void drain(long nowNs) {
        for (Session session = nextDue(); session != null; session = nextDue()) {
            boolean progress = true;
            while (progress) {
                progress = pump(session, nowNs);
            }
        }
        while (endpoint.pollTransmit(transmit)) {
            sendOut();
        }
    }

    private @Nullable Session nextDue() {
        for (Connection created = endpoint.pollCreated(); created != null; created = endpoint.pollCreated()) {
            Session session = new Session(created);
            session.reading = !readsByHand;
            session.kept = readsByHand;
            sessions.put(created, session);
            all.add(session);
            due.add(created);
        }
        for (Connection touched = endpoint.pollTouched(); touched != null; touched = endpoint.pollTouched()) {
            due.add(touched);
        }
        Session next = null;
        while (next == null && !due.isEmpty()) {
            next = sessions.get(due.remove());
        }
        return next;
    }

    private boolean pump(Session session, long nowNs) {
        Connection connection = session.connection;
        boolean progress = false;
        for (ConnectionEvent event = connection.pollEvent(); event != null; event = connection.pollEvent()) {
            progress = true;
            handle(session, event);
        }
        if (session.reading) {
            for (ByteBuf message = connection.messages().poll(nowNs);
                    message != null;
                    message = connection.messages().poll(nowNs)) {
                session.received.add(bytesOf(message));
            }
        }
        for (Outgoing next = session.toSend.peek();
                next != null && connection.messages().offer(next.message, next.linkId, next.number);
                next = session.toSend.peek()) {
            session.toSend.remove().message.release();
        }
        while (connection.pollTransmit(transmit, nowNs)) {
            progress = true;
            sendOut();
        }
        if (session.end != null) {
            sessions.remove(connection);
            if (!session.kept) {
                connection.release();
                connection.datagrams().release();
            }
        }
        return progress;
    }

    private void handle(Session session, ConnectionEvent event) {
        switch (event) {
            case STATE_CHANGED -> {
                for (ConnectionState state = session.connection.pollState();
                        state != null;
                        state = session.connection.pollState()) {
                    session.states.add(state);
                }
            }
            case PONG -> {
                for (Pong pong = session.connection.pollPong(); pong != null; pong = session.connection.pollPong()) {
                    session.pongs.add(pong);
                }
            }
            case DELIVERED -> {
                for (DeliveredUpTo up = session.connection.pollDelivered();
                        up != null;
                        up = session.connection.pollDelivered()) {
                    session.delivered.add(up);
                }
            }
            case ENDED -> session.end = session.connection.end();
            default -> {}
        }
    }

    private static byte[] bytesOf(ByteBuf message) {
        byte[] bytes = new byte[message.readableBytes()];
        message.readBytes(bytes);
        message.release();
        return bytes;
    }

    private void sendOut() {
        for (int offset = 0; offset < transmit.length(); offset += transmit.segmentSize()) {
            int end = Math.min(transmit.length(), offset + transmit.segmentSize());
            network.send(address, transmit.destination(), Arrays.copyOfRange(transmit.buffer(), offset, end));
        }
    }

    private @Nullable Connection route(byte[] datagram, InetSocketAddress from) {
        if (DataHeader.isWellFormed(datagram, 0, datagram.length)) {
            return endpoint.connection(DataHeader.receiverConnectionId(datagram, 0));
        }
        if (ResponseDatagram.isWellFormed(datagram, 0, datagram.length)) {
            return endpoint.connection(ResponseDatagram.receiverConnectionId(datagram, 0));
        }
        return endpoint.connectionResetBy(datagram, 0, datagram.length, from);
    }

    private Session sessionOf(Connection connection) {
        return all.stream()
                .filter(session -> session.connection == connection)
                .findFirst()
                .orElseThrow();
    }
}
