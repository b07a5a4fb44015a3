using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Relay.Core.Health;

namespace Relay.Local.Chaos;

/// <summary>
/// What a stack with chaos has besides: the board, a gate before the bus and one before the vault, a clock that can be moved, and the
/// administration. Made before the emulators, which listen behind the gates.
/// </summary>
internal sealed class StackChaos : IAsyncDisposable
{
    private readonly string _boardPath;
    private readonly ChaosBoard _board;
    private readonly TimeProvider _time;
    private readonly IReadOnlyList<Socket> _amqp;
    private readonly IReadOnlyList<Socket> _vault;
    private readonly EveryOther _everyBusCall = new();
    private readonly EveryOther _everyVaultCall = new();
    private readonly Dictionary<Dependency, LoopbackGate> _gates = [];
    private ChaosAdministration? _administration;

    private StackChaos(string boardPath, IReadOnlyList<Socket> amqp, IReadOnlyList<Socket> vault, TimeProvider time)
    {
        _boardPath = boardPath;
        _amqp = amqp;
        _vault = vault;
        _time = time;
        _board = ChaosBoard.Create(boardPath);
        Clock = new MovableClock(time, () => _board.TimeShift);
        Control = new ChaosControl(_board, Clock, _gates);
    }

    /// <summary>The clock of the emulators.</summary>
    public MovableClock Clock { get; }

    public ChaosControl Control { get; }

    /// <summary>Where clients reach the bus.</summary>
    public int PortOfBus => PortOf(_amqp);

    /// <summary>Where clients reach the vault.</summary>
    public int PortOfVault => PortOf(_vault);

    /// <summary>Where commands are put.</summary>
    public Uri Address => _administration!.Address;

    /// <summary>What the function app's process needs in its environment.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings =>
    [
        new(ChaosBoard.Variable, _boardPath),
        new("DOTNET_STARTUP_HOOKS", typeof(StackChaos).Assembly.Location),

        // As deployed, so that what is disturbed is known as soon.
        new($"{HealthOptions.SectionName}:{nameof(HealthOptions.ProbeTimeout)}", new HealthOptions().ProbeTimeout.ToString()),
    ];

    /// <param name="stateFolder">Where the board is.</param>
    /// <param name="amqpPort">Where clients are to reach the bus; 0 takes a free one.</param>
    /// <param name="vaultPort">Where they are to reach the vault; 0 takes a free one.</param>
    /// <param name="time">Real time.</param>
    /// <exception cref="IOException">A port cannot be had.</exception>
    public static StackChaos Create(string stateFolder, int amqpPort, int vaultPort, TimeProvider time)
    {
        var amqp = LoopbackGate.Take(amqpPort);
        try
        {
            var vault = LoopbackGate.Take(vaultPort);
            return new StackChaos(ChaosBoard.PathIn(stateFolder), amqp, vault, time);
        }
        catch
        {
            foreach (var socket in amqp) socket.Dispose();
            throw;
        }
    }

    /// <summary>Is the bus to refuse this call as busy?</summary>
    public bool IsBusBusy() => _board[Dependency.Bus].Kind == DisturbanceKind.Erroring && _everyBusCall.Next();

    /// <summary>Is the vault to refuse this call as busy?</summary>
    public bool IsVaultBusy() => _board[Dependency.Vault].Kind == DisturbanceKind.Erroring && _everyVaultCall.Next();

    /// <summary>Opens the gate of the bus.</summary>
    /// <param name="server">Where it listens.</param>
    public void OpenBus(IPEndPoint server) => Open(Dependency.Bus, _amqp, server);

    /// <summary>Opens the gate of the vault.</summary>
    /// <param name="port">Where it listens on loopback.</param>
    public void OpenVault(int port) => Open(Dependency.Vault, _vault, new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Listens for commands.</summary>
    public async Task ListenAsync(int port, ILoggerFactory loggers, CancellationToken cancellationToken) =>
        _administration = await ChaosAdministration.StartAsync(port, Control, loggers, cancellationToken).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        if (_administration is not null) await _administration.DisposeAsync().ConfigureAwait(false);
        foreach (var gate in _gates.Values) await gate.DisposeAsync().ConfigureAwait(false);
        foreach (var socket in _amqp.Concat(_vault)) socket.Dispose();
        // Commands that go on without the stack go by their own time again.
        _board.TimeShift = TimeSpan.Zero;
        _board.Dispose();
        File.Delete(_boardPath);
    }

    private static int PortOf(IReadOnlyList<Socket> sockets) => ((IPEndPoint)sockets[0].LocalEndPoint!).Port;

    private void Open(Dependency dependency, IReadOnlyList<Socket> kept, IPEndPoint server) => _gates[dependency] = LoopbackGate.Open(
        kept, server, () => _board[dependency] is { Kind: DisturbanceKind.Slow, Delay: var delay } ? delay : TimeSpan.Zero, _time);
}
