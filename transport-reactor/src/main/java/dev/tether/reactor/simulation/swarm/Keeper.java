package dev.tether.reactor.simulation.swarm;

import dev.tether.core.error.ChannelClosedException;
import dev.tether.core.error.ConnectionClosedException;
import dev.tether.core.error.ConnectionEstablishmentException;
import dev.tether.core.error.ConnectionLostException;
import dev.tether.reactor.LinkState;
import dev.tether.reactor.PeerLink;
import dev.tether.reactor.TransportNode;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/**
 * The application of one peer that keeps a link to another: what it sends through it, and whether all of that is delivered
 * once and in order, or its sender has an error. What it receives is the business of the {@link Session}s of its connections.
 */
final class Keeper {

    private final Population population;
    private final int serial;
    private final PeerProcess owner;
    private final PeerProcess remote;
    private final Scenario.Keep plan;
    private final PeerLink link;
    private final long startNs;
    private final List<Sending> sendings = new ArrayList<>();

    /** The latest message that each start of the remote process has got: its send, and its index in that. */
    private final Map<Integer, long[]> latest = new HashMap<>();

    private boolean closed;
    private boolean over;

    /** One call of {@code send}. */
    private static final class Sending {
        private final long startNs;
        private final BitSet delivered = new BitSet();
        private boolean completed;
        private @Nullable Throwable failure;

        Sending(long startNs) {
            this.startNs = startNs;
        }

        boolean hasEnded() {
            return completed || failure != null;
        }
    }

    /** @param serial below 0, as those from 0 on are of sessions */
    Keeper(
            Population population,
            int serial,
            PeerProcess owner,
            PeerProcess remote,
            Scenario.Keep plan,
            TransportNode node) {
        this.population = population;
        this.serial = serial;
        this.owner = owner;
        this.remote = remote;
        this.plan = plan;
        this.startNs = population.nowNs();
        this.link = node.link(population.address(owner, remote));
    }

    void start() {
        link.states().subscribe(this::onState, this::onEnd, () -> onEnd(null));
        sendNext();
    }

    PeerProcess owner() {
        return owner;
    }

    PeerProcess remote() {
        return remote;
    }

    int maxSize() {
        return plan.traffic().maxSize();
    }

    boolean isOver() {
        return over;
    }

    boolean isConnected() {
        return link.state() instanceof LinkState.Connected;
    }

    /** Whether all has been sent, with or without success. */
    boolean isSettled() {
        return sendings.size() == plan.traffic().sends() && sendings.stream().allMatch(Sending::hasEnded);
    }

    private void onState(LinkState state) {
        // A peer with another key is another peer.
        if (state instanceof LinkState.Disconnected
                && !closed
                && !population
                        .address(remote)
                        .identity()
                        .equals(link.remoteAddress().identity())) {
            closed = true;
            link.close().subscribe();
            owner.keep(plan);
        }
    }

    private void onEnd(@Nullable Throwable failure) {
        over = true;
        boolean explained = failure == null
                ? closed || owner.hasCrashedSince(startNs)
                : failure instanceof ChannelClosedException && owner.hasCrashedSince(startNs);
        if (!explained) {
            violation("ends without a cause: " + failure);
        }
    }

    // Sending

    private void sendNext() {
        if (over || sendings.size() == plan.traffic().sends()) {
            return;
        }
        int number = sendings.size();
        Sending sending = new Sending(population.nowNs());
        sendings.add(sending);
        Flux<ByteBuf> messages = Flux.range(0, plan.traffic().messages())
                .map(index -> Payload.message(population.seed(), serial, number, index, maxSize()));
        link.send(messages).subscribe(nothing -> {}, failure -> onFailed(sending, failure), () -> onCompleted(sending));
    }

    private void onCompleted(Sending sending) {
        sending.completed = true;
        if (sending.delivered.cardinality() != plan.traffic().messages()) {
            violation("its send " + sendings.indexOf(sending) + " has completed, but of its "
                    + plan.traffic().messages() + " messages only these were delivered: " + sending.delivered);
        }
        population.later(this::sendNext, plan.traffic().pause());
    }

    private void onFailed(Sending sending, Throwable failure) {
        sending.failure = failure;
        boolean notIntroduced = population.isIntroduced(owner, remote)
                && population.history().mayNotBeIntroduced(owner, remote, sending.startNs);
        boolean disturbed = notIntroduced
                || population.history().isDisturbed(owner, remote, sending.startNs)
                || remote.mayHaveRefused(owner, sending.startNs);
        boolean explained;
        if (failure instanceof ConnectionEstablishmentException it) {
            explained = it.reason() == ConnectionEstablishmentException.Reason.TIMED_OUT && disturbed;
        } else if (failure instanceof ConnectionLostException it) {
            // The connection may have been one with a process that had crashed before the link began.
            explained = it.reason() == ConnectionLostException.Reason.PEER_RESTARTED && remote.hasCrashedSince(0);
        } else if (failure instanceof ChannelClosedException) {
            explained = owner.hasCrashedSince(startNs);
        } else {
            explained = failure instanceof ConnectionClosedException && (closed || owner.hasCrashedSince(startNs));
        }
        if (!explained) {
            violation("its send " + sendings.indexOf(sending) + " fails without a cause: " + failure);
        }
        population.later(this::sendNext, plan.traffic().pause());
    }

    // Delivery

    /** The application of the remote peer has got a message, {@code incarnation} being how often it has been started. */
    void onDelivered(int incarnation, int send, int index) {
        if (send >= sendings.size()) {
            violation("a message of its send " + send + " arrives, which it has not begun");
            return;
        }
        Sending sending = sendings.get(send);
        long[] before = latest.computeIfAbsent(incarnation, key -> new long[] {-1, -1});
        if (sending.delivered.get(index)) {
            violation("message " + index + " of its send " + send + " is delivered twice");
        } else if (send < before[0] || send == before[0] && index < before[1]) {
            violation("message " + index + " of its send " + send + " is delivered after message " + before[1]
                    + " of send " + before[0]);
        } else if (sending.failure == null && sending.delivered.nextClearBit(0) != index) {
            violation("message " + index + " of its send " + send + " is delivered before message "
                    + sending.delivered.nextClearBit(0));
        }
        sending.delivered.set(index);
        before[0] = send;
        before[1] = index;
    }

    /** What must hold when the history is over. */
    void checkEnd() {
        if (!over) {
            violation("never ends");
        }
        for (Sending sending : sendings) {
            if (!sending.hasEnded()) {
                violation("its send " + sendings.indexOf(sending) + " never ends");
            }
        }
    }

    void violation(String what) {
        population.violations().add(toString(), what);
    }

    @Override
    public String toString() {
        return "link of " + owner.name() + " to " + remote.name() + " (since " + startNs / 1_000_000 + " ms)";
    }
}
