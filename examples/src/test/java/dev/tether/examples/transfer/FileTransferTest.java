package dev.tether.examples.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tether.core.error.TransportException;
import dev.tether.reactor.PeerConnection;
import dev.tether.reactor.ReactiveTransport;
import dev.tether.reactor.TransportNode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Files between two nodes on loopback. */
@Timeout(120)
class FileTransferTest {

    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final String LOOPBACK = "127.0.0.1";

    @TempDir
    Path temporary;

    private final BlockingQueue<Object> sessions = new LinkedBlockingQueue<>();
    private Path incoming;
    private TransportNode receiving;
    private TransportNode sending;

    @BeforeEach
    void bind() throws IOException {
        incoming = Files.createDirectory(temporary.resolve("incoming"));
        FileReceiver receiver = new FileReceiver(incoming, ConflictPolicy.REFUSE);
        receiving = ReactiveTransport.create()
                .host(LOOPBACK)
                .settings(FileReceiver::settings)
                .bindNow();
        sending = ReactiveTransport.create().host(LOOPBACK).bindNow();
        receiving
                .connections()
                .flatMap(connection -> receiver.serve(connection, new TransferListener() {})
                        .doOnNext(sessions::add)
                        .doOnError(sessions::add)
                        .onErrorComplete())
                .subscribe();
    }

    @AfterEach
    void close() {
        sending.closeNow(Duration.ofSeconds(1));
        receiving.closeNow(Duration.ofSeconds(1));
    }

    @Test
    void manyFilesArriveWhole() throws Exception {
        List<Path> files = new ArrayList<>();
        for (int size : new int[] {0, 1, TransferCodec.MAX_DATA - 1, TransferCodec.MAX_DATA, 3_000_000}) {
            files.add(random("file-" + size, size));
        }

        PeerConnection connection = connect();
        List<FileResult> results = send(connection, files);
        connection.close().block(LIMIT);

        assertThat(results).hasSize(5).allMatch(FileResult.Stored.class::isInstance);
        for (Path file : files) {
            assertThat(incoming.resolve(file.getFileName())).hasSameBinaryContentAs(file);
        }
        assertThat(sessions.poll(60, TimeUnit.SECONDS)).isEqualTo(new SessionSummary(5, 0, 0));
    }

    @Test
    void aFileThatIsThereIsSkippedAndAnotherOneRefused() throws IOException {
        Path same = random("same", 100_000);
        Path other = random("other", 100_000);
        Files.copy(same, incoming.resolve("same"));
        Files.writeString(incoming.resolve("other"), "precious");

        List<FileResult> results = send(connect(), List.of(same, other));

        assertThat(results.get(0)).isEqualTo(new FileResult.Present("same", 100_000));
        assertThat(results.get(1))
                .isInstanceOfSatisfying(
                        FileResult.Failed.class,
                        failed -> assertThat(failed.failure()).isEqualTo(TransferFailure.EXISTS));
        assertThat(incoming.resolve("other")).hasContent("precious");
    }

    @Test
    void aBrokenTransferContinuesOverTheNextConnection() throws Exception {
        Path file = random("big", 24_000_000);
        PeerConnection first = connect();
        TransferListener closing = new TransferListener() {
            @Override
            public void progress(long position) {
                if (position >= 12_000_000) {
                    first.close(7, "pulled the plug").subscribe();
                }
            }
        };

        assertThatThrownBy(() -> new FileSender(first, closing)
                        .send(List.of(file))
                        .collectList()
                        .block(LIMIT))
                .isInstanceOf(TransportException.class);
        assertThat(sessions.poll(60, TimeUnit.SECONDS)).isInstanceOf(TransportException.class);
        List<FileResult> results = send(connect(), List.of(file));

        assertThat(results)
                .singleElement()
                .isInstanceOfSatisfying(
                        FileResult.Stored.class,
                        stored -> assertThat(stored.transferred()).isBetween(1L, 23_999_999L));
        assertThat(incoming.resolve("big")).hasSameBinaryContentAs(file);
    }

    @Test
    void aFileThatChangesWhileItIsSentIsNotStored() throws IOException {
        Path changing = random("changing", 24_000_000);
        Path next = random("next", 10);
        TransferListener change = new TransferListener() {
            @Override
            public void started(String name, long offset, long size) {
                if (name.equals("changing")) {
                    flipLastByte(changing);
                }
            }
        };

        List<FileResult> results = new FileSender(connect(), change)
                .send(List.of(changing, next))
                .collectList()
                .block(LIMIT);

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        FileResult.Failed.class,
                        failed -> assertThat(failed.failure()).isEqualTo(TransferFailure.CHANGED));
        assertThat(results.get(1)).isInstanceOf(FileResult.Stored.class);
        assertThat(incoming.toFile().list()).containsExactly("next");
    }

    @Test
    void aFileThatBecomesShorterWhileItIsSentIsGivenUp() throws IOException {
        Path shrinking = random("shrinking", 24_000_000);
        Path next = random("next", 10);
        TransferListener truncate = new TransferListener() {
            @Override
            public void started(String name, long offset, long size) {
                if (name.equals("shrinking")) {
                    truncate(shrinking);
                }
            }
        };

        List<FileResult> results = new FileSender(connect(), truncate)
                .send(List.of(shrinking, next))
                .collectList()
                .block(LIMIT);

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        FileResult.Failed.class,
                        failed -> assertThat(failed.failure()).isEqualTo(TransferFailure.CHANGED));
        assertThat(results.get(1)).isInstanceOf(FileResult.Stored.class);
        assertThat(incoming.toFile().list()).containsExactly("next");
    }

    @Test
    void aPartialFileOfOtherContentIsSentAnew() throws IOException {
        Path file = random("a", 1_000_000);
        Path partial = incoming.resolve(FileName.partial("a", Sha256.ofFile(file)));
        Files.write(partial, new byte[500_000]);

        List<FileResult> results = send(connect(), List.of(file));

        assertThat(results)
                .singleElement()
                .isInstanceOfSatisfying(
                        FileResult.Stored.class,
                        stored -> assertThat(stored.transferred()).isEqualTo(1_000_000));
        assertThat(incoming.resolve("a")).hasSameBinaryContentAs(file);
        assertThat(partial).doesNotExist();
    }

    @Test
    void aFileThatCannotBeReadDoesNotKeepTheOthers() throws IOException {
        Path missing = temporary.resolve("missing");
        Path next = random("next", 10);

        List<FileResult> results = send(connect(), List.of(missing, next));

        assertThat(results.get(0))
                .isInstanceOfSatisfying(
                        FileResult.Failed.class,
                        failed -> assertThat(failed.failure()).isEqualTo(TransferFailure.READ_ERROR));
        assertThat(results.get(1)).isInstanceOf(FileResult.Stored.class);
    }

    @Test
    void anEchoPeerIsNoReceiver() throws IOException {
        Path file = random("a", 10);
        TransportNode echo = ReactiveTransport.create()
                .host(LOOPBACK)
                .handle(connection -> connection.send(connection.receive().retain()))
                .bindNow();
        try {
            Mono<List<FileResult>> sent = sending.connect(echo.addressAs(LOOPBACK))
                    .flatMap(connection -> new FileSender(connection, new TransferListener() {})
                            .send(List.of(file))
                            .collectList());

            assertThatThrownBy(() -> sent.block(LIMIT))
                    .isInstanceOfSatisfying(
                            TransferException.class,
                            e -> assertThat(e.failure()).isEqualTo(TransferFailure.PROTOCOL));
        } finally {
            echo.closeNow(Duration.ofSeconds(1));
        }
    }

    @Test
    void aPeerThatIsNoSenderEndsItsSessionOnly() throws Exception {
        PeerConnection stranger = connect();
        stranger.sendString(Mono.just("hello")).block(LIMIT);

        assertThat(sessions.poll(60, TimeUnit.SECONDS))
                .isInstanceOfSatisfying(
                        TransferException.class, e -> assertThat(e.failure()).isEqualTo(TransferFailure.PROTOCOL));
        stranger.close().block(LIMIT);
        assertThat(send(connect(), List.of(random("a", 10)))).singleElement().isInstanceOf(FileResult.Stored.class);
    }

    private PeerConnection connect() {
        return sending.connect(receiving.addressAs(LOOPBACK)).block(LIMIT);
    }

    private static List<FileResult> send(PeerConnection connection, List<Path> files) {
        return new FileSender(connection, new TransferListener() {})
                .send(files)
                .collectList()
                .block(LIMIT);
    }

    private Path random(String name, int size) throws IOException {
        byte[] content = new byte[size];
        new Random(size).nextBytes(content);
        return Files.write(temporary.resolve(name), content);
    }

    private static void flipLastByte(Path path) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.seek(file.length() - 1);
            int last = file.read();
            file.seek(file.length() - 1);
            file.write(last ^ 1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void truncate(Path path) {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(file.length() / 2);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
