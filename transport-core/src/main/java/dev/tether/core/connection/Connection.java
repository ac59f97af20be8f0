package dev.tether.core.connection;

import dev.tether.core.ConnectionState;
import dev.tether.core.PeerIdentity;
import dev.tether.core.error.InternalErrorException;
import dev.tether.core.error.PeerContext;
import dev.tether.core.error.TransportException;
import dev.tether.core.noise.HandshakeFailedException;
import dev.tether.core.noise.HandshakeState;
import dev.tether.core.noise.TransportKeys;
import dev.tether.core.path.Paths;
import dev.tether.core.stream.StreamSet;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.HandshakePayload;
import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection as a state machine without a clock, a socket or a thread. Single-threaded. Four families of methods:
 *
 * <ul>
 *   <li>getters;
 *   <li>inputs: {@link #handleDatagram}, {@link #handleSendError}, {@link #handleTimeout}, {@link #handleResume};
 *   <li>commands: those of {@link #messages()}, {@link #datagrams()}, {@link #streams()} and {@link #introductions()},
 *       {@link #ping}, {@link #demandProof}, {@link #close}, {@link #closeUnseen}, {@link #fail}, {@link #release};
 *   <li>outputs: {@link #pollTransmit} until it is false, {@link #pollEvent} until it is null, and
 *       {@link #nextTimeoutNs()}.
 * </ul>
 *
 * <p>After any inputs and commands, drain the outputs in the order given here. Times are nanoseconds of any clock that
 * never goes back.
 */
public final class Connection {

    /** Packets that one key protects at the most, within a run of datagrams; half of what RFC 9001 appendix B allows. */
    private static final long MAX_PACKETS = 1L << 27;

    /** Longer than the peer's pause and two probes. docs/PROTOCOL.md, "Simultaneous open". */
    private static final long UNPROVEN_NS = TimeUnit.SECONDS.toNanos(3);

    private final EngineContext context;
    private final ConnectionObserver observer;
    private final PeerIdentity remoteIdentity;
    private final Paths paths;
    private final long localConnectionId;
    private final boolean dialing;
    private final StreamSet streams;
    private final ConnectionMessages messages;
    private final ConnectionDatagrams datagrams;
    private final ConnectionIntroductions introductions;
    private final Pings pings = new Pings();
    private final ConnectionCounters counters = new ConnectionCounters();
    private final EventQueue events = new EventQueue();
    private final Lifecycle lifecycle;
    private final Establishment establishment;
    private final Termination termination;

    private @Nullable Session session;
    private @Nullable SessionTimers timers;
    private boolean confirmed;
    private long establishedNs;

    private Connection(
            EngineContext context,
            ConnectionObserver observer,
            PeerIdentity remoteIdentity,
            InetSocketAddress remoteAddress,
            long localConnectionId,
            Handshake handshake) {
        this.context = context;
        this.observer = observer;
        this.remoteIdentity = remoteIdentity;
        this.paths = new Paths(context.random(), PacketAssembler.PROBE_LENGTH, remoteAddress);
        this.localConnectionId = localConnectionId;
        this.dialing = handshake instanceof InitiatorHandshake;
        this.streams = context.newStreams(dialing);
        this.lifecycle = new Lifecycle(remoteIdentity, paths, events, this::onEnded);
        this.termination = new Termination(lifecycle, paths);
        this.messages = new ConnectionMessages(lifecycle, streams, counters, termination::onViolation);
        this.datagrams = new ConnectionDatagrams(lifecycle);
        this.introductions = new ConnectionIntroductions(lifecycle);
        this.establishment = new Establishment(context, handshake, lifecycle, counters);
    }

    /**
     * Starts an attempt to connect.
     *
     * @throws HandshakeFailedException if the key is of low order, so that nobody can hold its private half
     */
    public static Connection dial(
            EngineContext context,
            ConnectionObserver observer,
            PeerIdentity remoteIdentity,
            InetSocketAddress remoteAddress,
            long localConnectionId,
            long nowNs)
            throws HandshakeFailedException {
        return new Connection(
                context,
                observer,
                remoteIdentity,
                remoteAddress,
                localConnectionId,
                new InitiatorHandshake(context, remoteIdentity, localConnectionId, nowNs));
    }

    /**
     * Answers an initiation.
     *
     * @param noise has read the initiation
     * @param initiation its payload
     * @throws HandshakeFailedException if the peer's keys are of low order
     */
    public static Connection answer(
            EngineContext context,
            ConnectionObserver observer,
            HandshakeState noise,
            HandshakePayload initiation,
            InetSocketAddress remoteAddress,
            long localConnectionId,
            long remoteConnectionId,
            long nowNs)
            throws HandshakeFailedException {
        ResponderHandshake responder =
                ResponderHandshake.answer(context, noise, localConnectionId, remoteConnectionId, remoteAddress, nowNs);
        Connection connection =
                new Connection(context, observer, noise.remoteStatic(), remoteAddress, localConnectionId, responder);
        connection.startSession(responder.keys(), remoteConnectionId, initiation, nowNs);
        return connection;
    }

    // Getters

    public PeerIdentity remoteIdentity() {
        return remoteIdentity;
    }

    /** Where the peer is reached; it changes when the peer has proven to be elsewhere. */
    public InetSocketAddress remoteAddress() {
        return paths.active();
    }

    /**
     * At which address the peer sees this side, behind a NAT another one than this side knows of itself; null as long as the
     * peer has not said so.
     */
    public @Nullable InetSocketAddress ownAddress() {
        return session == null ? null : session.ownAddress.address();
    }

    /** The id that the peer addresses this connection by. */
    public long localConnectionId() {
        return localConnectionId;
    }

    /** Whether this side has dialed. */
    public boolean isDialing() {
        return dialing;
    }

    /** The latest state; after the end, the last one before it. */
    public ConnectionState state() {
        return lifecycle.state();
    }

    /** Whether messages flow. */
    public boolean isOpen() {
        return lifecycle.phase().isOpen();
    }

    /** Whether the peer has ever proven its key and its address. */
    public boolean wasConfirmed() {
        return confirmed;
    }

    /** Whether the own attempt is held back for the peer's. */
    public boolean isDialingPaused(long nowNs) {
        return establishment.isPaused(nowNs);
    }

    /**
     * Whether the peer's answer is all that was heard of it, a moment ago: it may have given this connection up for one of
     * its own while the answer was under way. It may be unresponsive by now.
     */
    public boolean isUnproven(long nowNs) {
        return dialing && isOpen() && counters.packetsReceived == 0 && nowNs < establishedNs + UNPROVEN_NS;
    }

    /**
     * Whether untrusted bytes are the stateless reset by which the peer proves that it has lost this connection. A
     * connection that is not confirmed has nothing to lose, and is never reset.
     */
    public boolean isResetBy(byte[] datagram, int offset, int length) {
        return confirmed && session != null && session.resets.isReset(datagram, offset, length);
    }

    /** Which connection this is and in which state, for an exception that is made now. */
    public PeerContext context() {
        return lifecycle.context();
    }

    /** How the connection has ended, or will once its close is done; null as long as nobody has closed it. */
    public @Nullable ConnectionEnd end() {
        return lifecycle.end();
    }

    /** What the peer has drawn at its start, as it says; 0 if it does not, or before the handshake has ended. */
    public long peerInstance() {
        return session == null ? 0 : session.peerInstance;
    }

    /**
     * How many bytes of all streams may wait for their acknowledgement at present, see
     * {@link dev.tether.core.TransportSettings#sendBuffer()}. It follows the congestion window, up and down.
     */
    public int sendBufferSize() {
        return streams.sendBuffer();
    }

    /**
     * The streams, for commands and questions of the application and the events that concern it; what is given to them while
     * the connection is not {@linkplain #isOpen() open} is not sent. What had arrived before the end can be read after it,
     * until {@link #release()}.
     */
    public StreamSet streams() {
        return streams;
    }

    /** The messages, both ways. */
    public ConnectionMessages messages() {
        return messages;
    }

    /** The datagrams, both ways. */
    public ConnectionDatagrams datagrams() {
        return datagrams;
    }

    /** The frames by which peers are introduced to each other, both ways. */
    public ConnectionIntroductions introductions() {
        return introductions;
    }

    public ConnectionCounters counters() {
        return counters;
    }

    /** The round trip, the congestion window and what is in flight; all 0 before the handshake has ended. */
    public DeliveryReading delivery() {
        return session == null ? DeliveryReading.NONE : session.delivery.reading();
    }

    /** When {@link #handleTimeout} is due; {@link Long#MAX_VALUE} for never. */
    public long nextTimeoutNs() {
        return switch (lifecycle.phase()) {
            case ESTABLISHING -> establishment.timeoutNs();
            case ESTABLISHED, UNRESPONSIVE -> timers == null ? Long.MAX_VALUE : timers.timeoutNs();
            case CLOSING, DRAINING -> termination.timeoutNs();
            case ENDED -> Long.MAX_VALUE;
        };
    }

    // Inputs

    /**
     * Takes in a datagram that names this connection. Only authentic and new packets have any effect but a count.
     *
     * @param datagram read during the call only
     * @param from where it came from. As long as there are no keys, what comes from elsewhere than {@link #remoteAddress()} has
     *     no effect but a count
     */
    public void handleDatagram(byte[] datagram, int offset, int length, InetSocketAddress from, long nowNs) {
        if (lifecycle.phase() == Phase.ENDED || length == 0) {
            return;
        }
        if (session == null && !from.equals(paths.active())) {
            counters.unauthenticated++;
        } else if (datagram[offset] == DatagramType.RESPONSE) {
            handleResponse(datagram, offset, length, nowNs);
        } else if (datagram[offset] == DatagramType.STATELESS_RESET) {
            handleReset(datagram, offset, length);
        } else if (session != null) {
            handlePacket(session, datagram, offset, length, from, nowNs);
        } else {
            establishment.onEarly(datagram, offset, length);
        }
    }

    private void handlePacket(
            Session session, byte[] datagram, int offset, int length, InetSocketAddress from, long nowNs) {
        InetSocketAddress before = paths.active();
        if (!session.receiver.receive(datagram, offset, length, from, nowNs)) {
            return;
        }
        // Before the packet can end the connection, which is forgotten by its address.
        if (!paths.active().equals(before)) {
            onMoved(session, before, nowNs);
        }
        onAuthenticPacket(session, nowNs);
        if (isOpen()) {
            paths.onPacket(from, length, session.receiver.wasNewest(), session.delivery.ptoNs(), nowNs);
        }
    }

    /** The initiation that this connection answers has come once more, and is answered once more, to where it came from. */
    public void handleDuplicateInitiation(InetSocketAddress from) {
        establishment.onDuplicateInitiation(from);
    }

    /** The peer's attempt has crossed this one, and this one wins: sends the initiation again at once. */
    public void redial(long nowNs) {
        establishment.resend(nowNs);
    }

    /**
     * The peer was found at an address that works both ways: the initiation goes there from now on, and at once unless this attempt is
     * held back. Without effect on one that was answered.
     */
    public void redial(InetSocketAddress found, long nowNs) {
        if (lifecycle.phase() == Phase.ESTABLISHING && isDialing() && session == null) {
            InetSocketAddress before = paths.active();
            if (!found.equals(before)) {
                paths.redirect(found);
                observer.onMoved(this, before);
            }
            establishment.onFound(nowNs);
        }
    }

    /**
     * The peer may be reached at this address, where it has answered outside of this connection: it is asked there, and packets go there
     * if it answers. Without effect before the connection is established.
     */
    public void tryPath(InetSocketAddress address, long nowNs) {
        if (session != null && isOpen()) {
            paths.propose(address, session.delivery.ptoNs(), nowNs);
        }
    }

    /** The peer's attempt has crossed this one, and wins unless it comes to nothing: holds this one back for a while. */
    public void pauseDialing(long nowNs) {
        establishment.pause(nowNs);
    }

    /**
     * A datagram to the peer could not be sent. To an established connection that is one more loss; an attempt to connect
     * keeps the cause, for the case that it times out.
     */
    public void handleSendError(Throwable cause) {
        establishment.onSendError(cause);
    }

    /** Lets pass what is due at {@code nowNs}; harmless if nothing is. */
    public void handleTimeout(long nowNs) {
        switch (lifecycle.phase()) {
            case ESTABLISHING -> {
                TransportException failure = establishment.timedOut(nowNs);
                if (failure != null) {
                    fail(failure);
                }
            }
            case ESTABLISHED, UNRESPONSIVE -> {
                if (timers != null) {
                    timers.onTimeout(nowNs);
                }
            }
            case CLOSING, DRAINING -> termination.onTimeout(nowNs);
            case ENDED -> {}
        }
    }

    /**
     * This host has slept, and its clocks may have stood still: the peer may have given the connection up, or see this side at
     * another address. It is asked for a sign of life at once, and until it is heard; an attempt to connect is sent again.
     * docs/PROTOCOL.md, "Liveness".
     */
    public void handleResume(long nowNs) {
        if (lifecycle.phase() == Phase.ESTABLISHING && !establishment.isPaused(nowNs)) {
            establishment.resend(nowNs);
        } else if (isOpen() && timers != null) {
            timers.onResumed(nowNs);
        }
    }

    // Commands

    /** Asks the peer for a sign of life; {@link #pollPong} will give an answer with the returned id. */
    public long ping(long nowNs) {
        return pings.ask(nowNs);
    }

    /** Asks the peer for a sign of life that nobody waits for. */
    public void probe() {
        pings.probe();
    }

    /**
     * Asks an unresponsive peer for a sign of life, whatever the congestion window: the connection fails unless the peer is
     * heard within three PTOs, and at least one second. Without effect on a connection in another state.
     */
    public void demandProof(long nowNs) {
        if (session != null && lifecycle.phase() == Phase.UNRESPONSIVE) {
            session.liveness.demandProof(session.delivery.ptoNs(), nowNs);
        }
    }

    /** Closes by the application. Harmless if the connection is closing or over. */
    public void close(long code, String reason, long nowNs) {
        termination.closeByApplication(code, reason, true, nowNs);
    }

    /**
     * Closes what the application has not seen and never will: unlike {@link #close}, without acknowledging what has arrived.
     * Harmless if the connection is closing or over.
     */
    public void closeUnseen(long code, String reason, long nowNs) {
        termination.closeByApplication(code, reason, false, nowNs);
    }

    /**
     * Closes for a defect at this side: the peer is told that there was one and not which, and everything here ends with
     * {@code failure}. Harmless if the connection is closing or over. docs/PROTOCOL.md, "Closing".
     */
    public void closeForInternalError(InternalErrorException failure, long nowNs) {
        termination.closeForInternalError(failure, nowNs);
    }

    /** Ends the connection at once with {@code failure}; nothing more is sent. Harmless if it is over. */
    public void fail(TransportException failure) {
        lifecycle.fail(failure);
    }

    /**
     * Releases all buffers, those with messages that were not polled too; those with datagrams have {@link
     * ConnectionDatagrams#release()}. A last call, after the end.
     */
    public void release() {
        streams.releaseAll();
        if (session != null) {
            session.messagesIn.close();
        }
    }

    // Outputs

    /**
     * Produces a run of datagrams that is to be sent now; to be called until it returns false or there is no room for
     * more in the socket's queue.
     */
    public boolean pollTransmit(Transmit transmit, long nowNs) {
        return switch (lifecycle.phase()) {
            case ESTABLISHING -> pollHandshake(transmit, nowNs);
            case ESTABLISHED, UNRESPONSIVE -> session != null && pollPackets(session, transmit, nowNs);
            case CLOSING, DRAINING -> termination.poll(transmit, nowNs);
            case ENDED -> false;
        };
    }

    /** The next event, or null. */
    public @Nullable ConnectionEvent pollEvent() {
        if (streams.takeNews()) {
            events.add(ConnectionEvent.STREAMS);
        }
        return events.poll();
    }

    /** The next state that was entered, or null. */
    public @Nullable ConnectionState pollState() {
        return lifecycle.pollState();
    }

    /** The next link of which the peer's application has got more messages, or null. */
    public @Nullable DeliveredUpTo pollDelivered() {
        return session == null ? null : session.delivered.poll();
    }

    /** The next answered ping, or null. */
    public @Nullable Pong pollPong() {
        return pings.poll();
    }

    // Handshake

    private boolean pollHandshake(Transmit transmit, long nowNs) {
        byte[] datagram = establishment.poll(nowNs);
        if (datagram == null) {
            return false;
        }
        transmit.setSingle(establishment.destination(paths.active()), datagram);
        return true;
    }

    private void handleResponse(byte[] datagram, int offset, int length, long nowNs) {
        Establishment.Outcome outcome = establishment.read(datagram, offset, length, nowNs);
        if (outcome instanceof Establishment.Outcome.Failed failed) {
            fail(failed.failure());
        } else if (outcome instanceof Establishment.Outcome.Agreed agreed) {
            Session started = startSession(agreed.keys(), agreed.remoteConnectionId(), agreed.payload(), nowNs);
            if (agreed.roundTripNs() > 0) {
                started.delivery.onHandshakeRtt(agreed.roundTripNs(), nowNs);
            }
            pings.probe();
            confirm(nowNs);
        }
    }

    private Session startSession(TransportKeys keys, long remoteConnectionId, HandshakePayload payload, long nowNs) {
        Session started = new Session(
                context, remoteIdentity, paths, keys, remoteConnectionId, payload, streams, pings, counters, nowNs);
        session = started;
        timers = new SessionTimers(
                started,
                paths,
                pings,
                lifecycle,
                termination,
                counters,
                context.settings().unresponsiveProbes());
        termination.start(started);
        messages.start(started);
        datagrams.start(started.datagramsIn, started.datagramsOut);
        introductions.start(started.introductionsIn, started.introductionsOut);
        return started;
    }

    private void confirm(long nowNs) {
        confirmed = true;
        establishedNs = nowNs;
        lifecycle.onConfirmed();
        observer.onConfirmed(this, nowNs);
        establishment.end(early -> handleDatagram(early, 0, early.length, paths.active(), nowNs));
    }

    // Packets

    private void onAuthenticPacket(Session session, long nowNs) {
        session.liveness.onHeard(
                session.frames.showedMoreToCome(), session.delivery.largestAcked(), session.delivery.ptoNs(), nowNs);
        if (lifecycle.phase() == Phase.ESTABLISHING) {
            confirm(nowNs);
        }
        lifecycle.onHeard();
        counters.probeTimeouts += session.onHeard(nowNs) ? 1 : 0;
        session.collectEvents(events, nowNs);
        termination.onReceived(session, nowNs);
    }

    /** RFC 9000 §9.4: another host is another path; another port is most likely another mapping of the same NAT. */
    private void onMoved(Session session, InetSocketAddress before, long nowNs) {
        if (!Objects.equals(before.getAddress(), paths.active().getAddress())) {
            session.delivery.onPathChanged(nowNs);
        }
        counters.probeTimeouts += session.onMoved(nowNs) ? 1 : 0;
        session.addressReport.report(paths.active());
        lifecycle.onMoved();
        observer.onMoved(this, before);
    }

    private boolean pollPackets(Session session, Transmit transmit, long nowNs) {
        if (session.delivery.nextPacketNumber() >= MAX_PACKETS) {
            fail(Failures.keysExhausted(MAX_PACKETS, lifecycle.context()));
            return false;
        }
        Paths.Probe probe = paths.pollProbe(nowNs);
        if (probe != null) {
            transmit.start(probe.to());
            session.assembler.assembleProbe(transmit, probe, nowNs);
            return true;
        }
        transmit.start(paths.active());
        boolean produced = session.assembler.assemble(transmit, nowNs);
        if (produced) {
            session.liveness.onSent(nowNs);
        }
        if (session.datagramsOut.takeWritten()) {
            events.add(ConnectionEvent.DATAGRAMS_SENT);
        }
        return produced;
    }

    // The end

    private void handleReset(byte[] datagram, int offset, int length) {
        if (isResetBy(datagram, offset, length)) {
            termination.onReset(isOpen());
        } else {
            counters.unauthenticated++;
        }
    }

    private void onEnded() {
        establishment.end(early -> {});
        if (session != null) {
            session.datagramsOut.release();
        }
        streams.closeSending();
        observer.onEnded(this);
    }
}
