package dev.tether.examples;

import dev.tether.examples.simulate.SimulateCommand;
import dev.tether.examples.simulate.scenario.NatKind;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ScopeType;

/** The {@code tether} command. */
@Command(
        name = "tether",
        description = "Encrypted, reliable connections between peers over UDP.",
        scope = ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        versionProvider = TetherCommand.Version.class,
        usageHelpAutoWidth = true,
        sortOptions = false,
        exitCodeOnInvalidInput = ExitCode.USAGE,
        exitCodeOnExecutionException = ExitCode.FAILED,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "  0:done",
            "  1:failed; standard error has one line that says why",
            "  2:wrong usage",
            "130:stopped by Ctrl-C"
        },
        subcommands = {
            KeygenCommand.class,
            ListenCommand.class,
            ChatCommand.class,
            SendCommand.class,
            ReceiveCommand.class,
            PipeCommand.class,
            RelayCommand.class,
            PingCommand.class,
            GatewayCommand.class,
            NatCommand.class,
            StatusCommand.class,
            PerfCommand.class,
            DemoCommand.class,
            SimulateCommand.class
        })
public final class TetherCommand {

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command with everything that belongs to it: converters, and errors in one line. */
    static CommandLine commandLine() {
        return new CommandLine(new TetherCommand())
                .registerConverter(dev.tether.core.PeerAddress.class, Converters::peerAddress)
                .registerConverter(java.time.Duration.class, Converters::duration)
                .registerConverter(ByteSize.class, Converters::byteSize)
                .registerConverter(Probability.class, Converters::probability)
                .registerConverter(NatKind.class, NatKind::option)
                .setParameterExceptionHandler(ErrorReport::usage)
                .setExecutionExceptionHandler(ErrorReport::failure);
    }

    /** The version of the jar, which a build directory has not. */
    static final class Version implements IVersionProvider {

        @Override
        public String[] getVersion() {
            String version = TetherCommand.class.getPackage().getImplementationVersion();
            return new String[] {"tether " + (version == null ? "(development build)" : version)};
        }
    }
}
