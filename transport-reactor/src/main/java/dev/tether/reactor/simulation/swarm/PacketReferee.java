package dev.tether.reactor.simulation.swarm;

import dev.tether.core.ConnectionState;
import dev.tether.core.wire.DataHeader;
import dev.tether.core.wire.DatagramType;
import dev.tether.core.wire.PunchDatagram;
import dev.tether.core.wire.StatelessResetDatagram;
import dev.tether.reactor.simulation.SimulationEvent;
import io.netty.util.collection.LongObjectHashMap;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Watches what is on the wire: that no packet number is used twice with one key (it is the nonce), that an unvalidated
 * address never gets more bytes than came from it in a handshake, nor more than three times as many in packets that look for a
 * peer that has moved (RFC 9000 §8.1), that a stateless reset names a connection that its sender
 * does not have, and answers a packet (RFC 9000 §10.3), and that states follow each other as they may.
 */
final class PacketReferee implements Consumer<SimulationEvent> {

    private static final int MAX_AMPLIFICATION = 3;

    /** docs/PROTOCOL.md, section 12.2, "Limits". */
    private static final int MAX_UNANSWERED_PUNCHES = 4096;

    private final Violations violations;
    private final LongObjectHashMap<Numbers> byReceiver = new LongObjectHashMap<>();
    private final Map<Path, Balance> balances = new HashMap<>();
    private final Map<Punching, Integer> punchedBytes = new HashMap<>();
    private final Set<Punching> answered = new HashSet<>();
    private final Map<Long, ConnectionState> states = new HashMap<>();
    private final Set<Long> ended = new HashSet<>();
    private long sent;

    PacketReferee(Violations violations) {
        this.violations = violations;
    }

    /** The packets that were sent to one connection. */
    private static final class Numbers {
        private long count;
        private long largest = -1;
    }

    /** A host and an address that it sends to. */
    private record Path(String host, InetSocketAddress remote) {}

    /** An attempt of a host to reach an introduced peer, as far as it concerns one address. */
    private record Punching(String host, int tag, InetAddress remote) {}

    private static final class Balance {
        private long in;
        private long out;
        private long probesOut;
        private long dataIn;
        private long resetsOut;
        private boolean validated;
    }

    @Override
    public void accept(SimulationEvent event) {
        if (event instanceof SimulationEvent.Sent it) {
            onSent(it);
        } else if (event instanceof SimulationEvent.Arrived it && isPunch(it.datagram())) {
            if (PunchDatagram.isReply(it.datagram(), 0)) {
                answered.add(new Punching(
                        it.host(),
                        PunchDatagram.tag(it.datagram(), 0),
                        it.from().getAddress()));
                // It works both ways, which is what a validated address does.
                balances.computeIfAbsent(new Path(it.host(), it.from()), path -> new Balance()).validated = true;
            }
        } else if (event instanceof SimulationEvent.Arrived it) {
            Balance balance = balances.computeIfAbsent(new Path(it.host(), it.from()), path -> new Balance());
            byte[] datagram = it.datagram();
            balance.in += datagram.length;
            balance.dataIn += DataHeader.isWellFormed(datagram, 0, datagram.length) ? 1 : 0;
        } else if (event instanceof SimulationEvent.StateEntered it) {
            onState(it);
        } else if (event instanceof SimulationEvent.Ended it) {
            if (!ended.add(it.connectionId())) {
                violations.add(it.host(), "a connection has ended twice");
            }
        }
    }

    /** How many datagrams were sent by sockets so far. */
    long sent() {
        return sent;
    }

    /** How many packets were sent to a connection, each counted once however often it arrives. */
    long sentTo(long connectionId) {
        Numbers numbers = byReceiver.get(connectionId);
        return numbers == null ? 0 : numbers.count;
    }

    private void onSent(SimulationEvent.Sent it) {
        sent++;
        byte[] datagram = it.datagram();
        if (isPunch(datagram)) {
            onPunch(it);
            return;
        }
        if (datagram[0] == DatagramType.DATA && DataHeader.isWellFormed(datagram, 0, datagram.length)) {
            onPacket(it, DataHeader.receiverConnectionId(datagram, 0), DataHeader.packetNumber(datagram, 0));
        }
        Path path = new Path(it.host(), it.to());
        Balance balance = balances.get(path);
        if (balance == null) {
            // Who speaks first knows whom it speaks to.
            balance = new Balance();
            balance.validated = true;
            balances.put(path, balance);
        }
        if (datagram[0] == DatagramType.INITIATION) {
            // The application has named this address.
            return;
        }
        if (StatelessResetDatagram.isWellFormed(datagram, 0, datagram.length)) {
            onReset(it, balance);
        }
        if (datagram[0] == DatagramType.DATA) {
            balance.probesOut += datagram.length;
        } else {
            balance.out += datagram.length;
        }
        if (!balance.validated && (balance.out > balance.in || balance.probesOut > MAX_AMPLIFICATION * balance.in)) {
            violations.add(
                    it.host(),
                    "sends " + balance.out + " bytes and " + balance.probesOut + " in packets to " + it.to()
                            + ", which is not validated and has sent " + balance.in);
        }
    }

    private static boolean isPunch(byte[] datagram) {
        return PunchDatagram.isWellFormed(datagram, 0, datagram.length);
    }

    private void onPunch(SimulationEvent.Sent it) {
        Punching punching = new Punching(
                it.host(), PunchDatagram.tag(it.datagram(), 0), it.to().getAddress());
        int bytes = punchedBytes.merge(punching, it.datagram().length, Integer::sum);
        if (bytes > MAX_UNANSWERED_PUNCHES && !answered.contains(punching)) {
            violations.add(it.host(), "punches " + bytes + " bytes to " + it.to() + ", which has not answered");
        }
    }

    private void onPacket(SimulationEvent.Sent it, long connectionId, long packetNumber) {
        Numbers numbers = byReceiver.get(connectionId);
        if (numbers == null) {
            numbers = new Numbers();
            byReceiver.put(connectionId, numbers);
        }
        if (packetNumber <= numbers.largest) {
            violations.add(it.host(), "uses packet number " + packetNumber + " after " + numbers.largest);
        }
        numbers.largest = packetNumber;
        numbers.count++;
    }

    private void onReset(SimulationEvent.Sent it, Balance balance) {
        long connectionId = StatelessResetDatagram.connectionId(it.datagram(), 0);
        if (states.containsKey(connectionId) && !ended.contains(connectionId)) {
            violations.add(it.host(), "resets a connection that it has");
        }
        if (++balance.resetsOut > balance.dataIn) {
            violations.add(it.host(), "sends resets to " + it.to() + " that no packet from there has asked for");
        }
    }

    private void onState(SimulationEvent.StateEntered it) {
        if (it.state() instanceof ConnectionState.Established) {
            balances.computeIfAbsent(new Path(it.host(), it.remote()), path -> new Balance()).validated = true;
        }
        ConnectionState before = states.put(it.connectionId(), it.state());
        if (ended.contains(it.connectionId()) || !mayFollow(before, it.state())) {
            violations.add(it.host(), "a connection enters " + it.state() + " after " + before);
        }
    }

    private static boolean mayFollow(@Nullable ConnectionState before, ConnectionState next) {
        if (next instanceof ConnectionState.Establishing) {
            return before == null || before instanceof ConnectionState.Establishing;
        }
        if (next instanceof ConnectionState.Established) {
            return before == null
                    || (before instanceof ConnectionState.Established && !before.equals(next))
                    || before instanceof ConnectionState.Establishing
                    || before instanceof ConnectionState.Unresponsive;
        }
        if (next instanceof ConnectionState.Unresponsive) {
            return before instanceof ConnectionState.Established;
        }
        return !(before instanceof ConnectionState.Closing);
    }
}
