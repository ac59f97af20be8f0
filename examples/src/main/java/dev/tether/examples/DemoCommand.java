package dev.tether.examples;

import dev.tether.core.noise.KeyPair;
import dev.tether.examples.transfer.ConflictPolicy;
import dev.tether.examples.transfer.FileReceiver;
import dev.tether.examples.transfer.FileResult;
import dev.tether.examples.transfer.FileSender;
import dev.tether.examples.transfer.SessionSummary;
import dev.tether.examples.transfer.Sha256;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.resources.LoopResources;

/** {@code tether demo}: two peers, some messages and a file. */
@Command(
        name = "demo",
        description = {
            "Runs a listening and a dialing peer in this process, over loopback: they exchange messages and a file of"
                    + " random bytes, and every state of both connections is printed as it comes.",
            "",
            "Needs twice the file's size in the directory for temporary files, and leaves nothing there."
        })
final class DemoCommand implements Callable<Integer> {

    private static final String LOOPBACK = "127.0.0.1";
    private static final int MESSAGES = 3;
    private static final int BLOCK_SIZE = 1 << 20;
    private static final Duration END_TIMEOUT = Duration.ofSeconds(30);

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--size",
            paramLabel = "SIZE",
            defaultValue = "256M",
            description = "the size of the file, such as 64k, 256M, 1G (default: ${DEFAULT-VALUE})")
    private ByteSize size = new ByteSize(0);

    @Mixin
    private final NodeOptions options = new NodeOptions();

    @Override
    public Integer call() throws Exception {
        Console console = new Console(spec.commandLine());
        ReactiveTransport transport = options.transport().host(LOOPBACK);
        LoopResources listeningLoop = LoopResources.create("tether-demo-listener", 1, true);
        LoopResources dialingLoop = LoopResources.create("tether-demo-dialer", 1, true);
        try (TemporaryDirectory directory = new TemporaryDirectory("tether-demo-");
                RunningNode listening = new RunningNode(
                        transport
                                .identity(KeyPair.generate())
                                .runOn(listeningLoop)
                                .settings(FileReceiver::settings),
                        console);
                RunningNode dialing = new RunningNode(transport.runOn(dialingLoop), console)) {
            run(listening, dialing, directory.path(), console);
        } finally {
            Mono.when(dispose(listeningLoop), dispose(dialingLoop)).block();
        }
        return ExitCode.OK;
    }

    private void run(RunningNode listening, RunningNode dialing, Path directory, Console console) throws IOException {
        Path outgoing = Files.createDirectory(directory.resolve("outgoing")).resolve("demo.bin");
        Path incoming = Files.createDirectory(directory.resolve("incoming"));
        requireSpace(directory);
        console.line("listener  " + listening.node().addressAs(LOOPBACK));
        console.line("dialer    " + dialing.node().addressAs(LOOPBACK));

        Mono<SessionSummary> received = listening
                .node()
                .connections()
                .next()
                .flatMap(connection -> listen(connection, listening, incoming, console))
                .cache();
        received.subscribe(summary -> {}, error -> {});

        PeerConnection connection = dialing.connectReporting(listening.node().addressAs(LOOPBACK), "dialer  ");
        Long echoed = talk(connection, console).block();
        writeRandom(outgoing);
        FileResult result = new FileSender(connection, BarProgress.choose(console, "dialer   "))
                .send(List.of(outgoing))
                .next()
                .block();
        connection.close().block();
        received.block(END_TIMEOUT);
        if (!(result instanceof FileResult.Stored stored)) {
            throw new IOException("the file was not stored: " + result);
        }
        summarize(stored, echoed == null ? 0 : echoed, outgoing, incoming.resolve(stored.name()), console);
    }

    /** The listening peer: says the first messages back, then receives files until the connection ends. */
    private static Mono<SessionSummary> listen(
            PeerConnection connection, RunningNode listening, Path incoming, Console console) {
        listening.report(connection, "listener");
        Flux<ByteBuf> echo = connection
                .receive()
                .retain()
                .take(MESSAGES)
                .doOnNext(message -> console.event("listener < " + Printable.message(message)));
        FileReceiver receiver = new FileReceiver(incoming, ConflictPolicy.REFUSE);
        return connection.send(echo).then(receiver.serve(connection, new PlainProgress(console, "listener ")));
    }

    /** The dialing peer: says something, and counts how much of it comes back. */
    private static Mono<Long> talk(PeerConnection connection, Console console) {
        Flux<String> words = Flux.range(1, MESSAGES).map(number -> "message " + number);
        Flux<String> echoes = connection
                .receive()
                .asString(StandardCharsets.UTF_8)
                .take(MESSAGES)
                .doOnNext(echo -> console.event("dialer   < " + Printable.of(echo)));
        return Mono.zip(connection.sendString(words).thenReturn(true), echoes.count())
                .map(both -> both.getT2());
    }

    private void writeRandom(Path file) throws IOException {
        SplittableRandom random = new SplittableRandom();
        byte[] block = new byte[BLOCK_SIZE];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long left = size.bytes(); left > 0; left -= block.length) {
                random.nextBytes(block);
                out.write(block, 0, (int) Math.min(left, block.length));
            }
        }
    }

    private void requireSpace(Path directory) throws IOException {
        long usable = Files.getFileStore(directory).getUsableSpace();
        if (usable / 2 < size.bytes()) {
            throw new IOException("the demo needs twice " + size + ", " + directory.getParent() + " has "
                    + ByteSize.text(usable) + "; choose a smaller --size");
        }
    }

    /** Reads both files again: what counts is what is on the disk. */
    private static void summarize(FileResult.Stored stored, long echoed, Path outgoing, Path incoming, Console console)
            throws IOException {
        Sha256 sent = Sha256.ofFile(outgoing);
        Sha256 received = Sha256.ofFile(incoming);
        double seconds = stored.elapsed().toNanos() / 1e9;
        console.line(String.format(
                Locale.ROOT,
                "%d messages and back; a file of %s in %.2f s, %s",
                echoed,
                ByteSize.text(stored.size()),
                seconds,
                ByteSize.rate(stored.size(), seconds)));
        console.line("SHA-256 sent      " + sent);
        console.line("SHA-256 received  " + received);
        if (!sent.equals(received)) {
            throw new IOException("the SHA-256 of the received file is another one");
        }
        console.line("the hashes agree");
    }

    private static Mono<Void> dispose(LoopResources loop) {
        return loop.disposeLater(Duration.ZERO, Duration.ofSeconds(1));
    }
}
