using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Emulator.ServiceBus;
using Relay.Cli.Parsing;
using Relay.Local;

namespace Relay.Cli.Targets;

/// <summary>The ports of a local stack as options, and whether they can be had.</summary>
internal sealed class StackPorts
{
    private readonly (Option<int> Option, string What)[] _all;

    public StackPorts()
    {
        _all = [(Amqp, "Service Bus"), (Admin, "Service Bus administration"), (Vault, "Key Vault"), (Http, "HTTP"), (Https, "HTTPS")];
    }

    public Option<int> Amqp { get; } = Port("--amqp-port", "Service Bus emulator (AMQP)", 5672);

    public Option<int> Admin { get; } = Port(
        "--admin-port", "Service Bus emulator's administration and status page", ServiceBusEmulator.DefaultAdminPort);

    public Option<int> Vault { get; } = Port("--vault-port", "Key Vault emulator (HTTPS)", VaultPort.Default);

    public Option<int> Http { get; } = Port("--http-port", "function app (HTTP)", 7071);

    public Option<int> Https { get; } = Port("--https-port", "function app (HTTPS, for callers with a client certificate)", 7443);

    public void AddTo(Command command)
    {
        foreach (var (option, _) in _all) command.Add(option);
    }

    /// <summary>
    /// The vault's port when it is asked for, and does not only stand there by
    /// itself: the folder's own goes before the usual one. Null when it is not.
    /// </summary>
    public int? VaultAsked(ParseResult parsed) => parsed.GetResult(Vault) is { Implicit: false } ? parsed.GetRequiredValue(Vault) : null;

    /// <summary>
    /// Looks at every port before anything is started, so that all that cannot be had are told at once and nothing has to be stopped again.
    /// </summary>
    /// <exception cref="CliFault">One or more cannot be had; each is named with
    /// its option. Or the vault's is not the state folder's.</exception>
    public void Check(ParseResult parsed, string state)
    {
        var kept = KeptVaultPort(state, VaultAsked(parsed));
        var asked = _all.Select(
            port => (port.Option, port.What, Number: port.Option == Vault && kept is { } own ? own : parsed.GetValue(port.Option)))
            .Where(port => port.Number > 0).ToList();
        if (asked.GroupBy(port => port.Number).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new CliFault(
                $"{string.Join(" and ", twice.Select(port => port.Option.Name))} are both {Text(twice.Key)}.",
                "Give each a port of its own; 0 takes a free one.");
        }

        var faults = asked
            .Select(port => (port.Option, port.What, port.Number, Fault: FaultOf(port.Option, port.Number)))
            .Where(port => port.Fault is not null)
            .ToList();
        if (faults.Count == 0) return;
        var others = faults.Where(port => kept is null || port.Option != Vault).ToList();
        string[] fixes =
        [
            "Stop the program that has it, perhaps another 'relay up'",
            .. others.Count == 0
                ? Array.Empty<string>()
                : [$"or choose other ports: {string.Join(' ', others.Select(port => port.Option.Name + " 0"))} takes free ones"],
            .. others.Count == faults.Count
                ? Array.Empty<string>()
                : [$"or begin a new state folder with --state: the documents of this one name their keys by port {Text(kept!.Value)}"],
        ];
        throw new CliFault(
            string.Join(" ", faults.Select(port => $"Port {Text(port.Number)} ({port.What}, {port.Option.Name}) {port.Fault}.")),
            $"{string.Join(", ", fixes)}.");
    }

    private static int? KeptVaultPort(string state, int? asked)
    {
        if (VaultPort.FindKept(state) is not { } kept) return null;
        if (asked is null or 0 || asked == kept) return kept;
        throw new CliFault(
            $"The vault of {state} is at port {Text(kept)}: its documents, envelopes and ledger name their keys by that address, "
                + $"and at {Text(asked.Value)} none of them would be known.",
            $"Leave --vault-port out (or free port {Text(kept)}, if another program has it), or begin a new state folder with --state.");
    }

    private static Option<int> Port(string name, string what, int port) => new(name)
    {
        CustomParser = OptionValues.Number(0, ushort.MaxValue),
        Description = $"Port of the {what}; 0 takes a free one.",
        HelpName = "port",
        DefaultValueFactory = _ => port,
    };

    // Null when it can be had. The emulators' are taken at both loopback
    // addresses, since either is localhost; the function app's at 127.0.0.1.
    private string? FaultOf(Option<int> option, int port) =>
        FaultOf(IPAddress.Loopback, port)
            ?? (Socket.OSSupportsIPv6 && option != Http && option != Https ? FaultOf(IPAddress.IPv6Loopback, port) : null);

    private static string? FaultOf(IPAddress address, int port)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(address, port));
            return null;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode switch
            {
                SocketError.AddressAlreadyInUse => "is taken",
                // IPv6 is there, but not on loopback: nobody can be led there.
                SocketError.AddressNotAvailable => null,
                SocketError.AccessDenied => "may not be had by this user",
                _ => $"cannot be had: {exception.Message}",
            };
        }
    }

    private static string Text(int port) => port.ToString(CultureInfo.InvariantCulture);
}
