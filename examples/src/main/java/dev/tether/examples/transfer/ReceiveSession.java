package dev.tether.examples.transfer;

import dev.tether.examples.transfer.TransferMessage.Abort;
import dev.tether.examples.transfer.TransferMessage.Accept;
import dev.tether.examples.transfer.TransferMessage.Answer;
import dev.tether.examples.transfer.TransferMessage.Begin;
import dev.tether.examples.transfer.TransferMessage.Checking;
import dev.tether.examples.transfer.TransferMessage.Data;
import dev.tether.examples.transfer.TransferMessage.Failed;
import dev.tether.examples.transfer.TransferMessage.Offer;
import dev.tether.examples.transfer.TransferMessage.Present;
import dev.tether.examples.transfer.TransferMessage.Stored;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of one connection: takes the sender's messages one by one, works on the disk, and answers.
 *
 * <pre>
 *   waiting ── OFFER ──▶ offered ── BEGIN ──▶ receiving ── last DATA ──▶ waiting
 *      ▲                    │                     │
 *      └────────────────────┴── ABORT, failure ───┘
 * </pre>
 *
 * <p>Used by one thread at a time, that may block; {@link #close()} comes last.
 */
final class ReceiveSession {

    private static final long CHECKING_INTERVAL_NS = Duration.ofSeconds(1).toNanos();

    private final ReceiveDirectory directory;
    private final TransferListener listener;
    private final Consumer<Answer> answers;
    private final LongSupplier nanoTime;

    private @Nullable Incoming incoming;
    private boolean failed;
    private int stored;
    private int present;
    private int notStored;

    ReceiveSession(
            ReceiveDirectory directory, TransferListener listener, Consumer<Answer> answers, LongSupplier nanoTime) {
        this.directory = directory;
        this.listener = listener;
        this.answers = answers;
        this.nanoTime = nanoTime;
    }

    /**
     * Does what a message asks for.
     *
     * @throws TransferException with {@link TransferFailure#PROTOCOL} if the message has no place here
     */
    void handle(TransferMessage message) {
        if (message instanceof Offer offer) {
            handleOffer(offer);
        } else if (message instanceof Begin begin) {
            handleBegin(begin);
        } else if (message instanceof Data data) {
            handleData(data);
        } else if (message instanceof Abort abort) {
            handleAbort(abort);
        } else {
            throw violation("a message that only a receiver sends");
        }
    }

    /** What the session has come to. */
    SessionSummary summary() {
        return new SessionSummary(stored, present, notStored);
    }

    /**
     * Ends the session: lets go of a file that is not complete, whose bytes stay on the disk.
     *
     * @return what to tell a human about that file, or null if there was none
     */
    @Nullable
    String close() {
        Incoming file = incoming;
        if (file == null) {
            return null;
        }
        incoming = null;
        notStored++;
        String text = file.partial.position() + " of " + file.offer.size() + " bytes are kept";
        try {
            directory.close(file.partial);
        } catch (IOException e) {
            text = text + " (closing the partial file failed: " + e.getMessage() + ")";
        }
        listener.finished(new FileResult.Failed(file.offer.name(), TransferFailure.INTERRUPTED, text));
        return file.offer.name() + ": " + text;
    }

    private void handleOffer(Offer offer) {
        if (incoming != null) {
            throw violation("an offer in the middle of a file");
        }
        failed = false;
        String problem = directory.problemWith(offer.name());
        if (problem != null) {
            fail(offer, TransferFailure.BAD_NAME, "the name is refused: " + problem);
            return;
        }
        try {
            ReceivePlan plan = directory.plan(offer, checking(offer));
            if (plan instanceof ReceivePlan.Present there) {
                present++;
                listener.finished(new FileResult.Present(there.name(), offer.size()));
                answers.accept(new Present(offer.file(), there.name()));
            } else if (plan instanceof ReceivePlan.Refuse refuse) {
                fail(offer, refuse.failure(), refuse.text());
            } else {
                accept(offer);
            }
        } catch (TransferException | IOException e) {
            fail(offer, e);
        }
    }

    private void accept(Offer offer) throws IOException {
        PartialFile partial = directory.open(offer);
        incoming = new Incoming(offer, partial);
        Sha256 prefix = partial.resume(checking(offer));
        answers.accept(new Accept(offer.file(), partial.position(), prefix));
    }

    private void handleBegin(Begin begin) {
        Incoming file = incoming;
        if (file == null || file.receiving) {
            throw violation("a beginning without an accepted offer");
        }
        if (begin.offset() != 0 && begin.offset() != file.partial.position()) {
            throw violation("a beginning at an offset that was not offered");
        }
        try {
            if (begin.offset() == 0) {
                file.partial.restart();
            }
            file.begin(nanoTime.getAsLong());
            listener.started(file.offer.name(), begin.offset(), file.offer.size());
            storeIfComplete(file);
        } catch (TransferException | IOException e) {
            fail(file.offer, e);
        }
    }

    private void handleData(Data data) {
        Incoming file = incoming;
        if (file == null && failed) {
            return;
        }
        if (file == null || !file.receiving) {
            throw violation("data without a file");
        }
        if (data.bytes().readableBytes() > file.offer.size() - file.partial.position()) {
            throw violation("more data than was offered");
        }
        try {
            file.partial.append(data.bytes().nioBuffer());
            listener.progress(file.partial.position());
            storeIfComplete(file);
        } catch (TransferException | IOException e) {
            fail(file.offer, e);
        }
    }

    private void storeIfComplete(Incoming file) throws IOException {
        if (file.partial.position() < file.offer.size()) {
            return;
        }
        String name = directory.store(file.partial, file.offer);
        incoming = null;
        stored++;
        Duration elapsed = Duration.ofNanos(nanoTime.getAsLong() - file.beginNs);
        long transferred = file.offer.size() - file.offset;
        listener.finished(new FileResult.Stored(name, file.offer.size(), transferred, elapsed, file.offer.digest()));
        answers.accept(new Stored(file.offer.file(), name));
    }

    private void handleAbort(Abort abort) {
        Incoming file = incoming;
        if (file == null) {
            return;
        }
        incoming = null;
        notStored++;
        release(file.partial, abort.failure() == TransferFailure.CHANGED);
        listener.finished(
                new FileResult.Failed(file.offer.name(), abort.failure(), "the sender gave up: " + abort.text()));
    }

    private void fail(Offer offer, Exception cause) {
        if (cause instanceof TransferException e) {
            fail(offer, e.failure(), String.valueOf(e.getMessage()));
        } else if (cause instanceof ClosedChannelException) {
            fail(offer, TransferFailure.SUPERSEDED, "another connection has taken over the transfer");
        } else {
            fail(offer, writeFailure(cause), "the receiver cannot write: " + cause.getMessage());
        }
    }

    private void fail(Offer offer, TransferFailure failure, String text) {
        Incoming file = incoming;
        incoming = null;
        failed = true;
        if (file != null) {
            release(file.partial, false);
        }
        if (failure != TransferFailure.BUSY) {
            notStored++;
            listener.finished(new FileResult.Failed(offer.name(), failure, text));
        }
        answers.accept(new Failed(offer.file(), failure, text));
    }

    /** A partial file that cannot be closed any more is no reason to fail: the reason for closing it is known. */
    private void release(PartialFile partial, boolean discard) {
        try {
            if (discard) {
                directory.discard(partial);
            } else {
                directory.close(partial);
            }
        } catch (IOException e) {
            listener.note("the partial file " + partial.path() + " could not be closed: " + e.getMessage());
        }
    }

    /** Tells the sender about once a second that it is being worked for. */
    private LongConsumer checking(Offer offer) {
        long[] lastNs = {nanoTime.getAsLong()};
        return bytes -> {
            long nowNs = nanoTime.getAsLong();
            if (nowNs - lastNs[0] >= CHECKING_INTERVAL_NS) {
                lastNs[0] = nowNs;
                answers.accept(new Checking(offer.file(), bytes));
            }
        };
    }

    /** Java has no exception of its own for a full disk. */
    private static TransferFailure writeFailure(Exception cause) {
        String text = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT);
        boolean full =
                text.contains("no space left") || text.contains("quota exceeded") || text.contains("not enough space");
        return full ? TransferFailure.NO_SPACE : TransferFailure.WRITE_ERROR;
    }

    private static TransferException violation(String what) {
        return new TransferException(TransferFailure.PROTOCOL, "the sender breaks the file transfer protocol: " + what);
    }

    /** The file that is being received. */
    private static final class Incoming {

        private final Offer offer;
        private final PartialFile partial;
        private boolean receiving;
        private long offset;
        private long beginNs;

        private Incoming(Offer offer, PartialFile partial) {
            this.offer = offer;
            this.partial = partial;
        }

        private void begin(long nowNs) {
            receiving = true;
            offset = partial.position();
            beginNs = nowNs;
        }
    }
}
