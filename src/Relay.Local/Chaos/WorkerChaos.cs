using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Relay.Core.Directory;
using Relay.Core.Ledger.Store;

namespace Relay.Local.Chaos;

/// <summary>
/// Puts the board's disturbances around what the function app has of its own, its ledger store, directory and clock, from outside: the app
/// knows nothing of it, and runs the same code.
/// </summary>
/// <remarks>
/// A host that is about to be built tells so on the diagnostic source <c>Microsoft.Extensions.Hosting</c> and hands over its builder: what
/// test hosts and design-time tools use too (<c>HostFactoryResolver</c> of dotnet/runtime).
/// </remarks>
internal sealed class WorkerChaos(ChaosBoard board) : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>
{
    private const string Source = "Microsoft.Extensions.Hosting";
    private const string Building = "HostBuilding";

    /// <summary>Waits for the app's host. For the rest of the process.</summary>
    /// <param name="path">The board's file.</param>
    public static void Install(string path) => DiagnosticListener.AllListeners.Subscribe(new WorkerChaos(ChaosBoard.Open(path)));

    void IObserver<DiagnosticListener>.OnNext(DiagnosticListener value)
    {
        if (value.Name == Source) value.Subscribe(this);
    }

    void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == Building) ((IHostBuilder)value.Value!).ConfigureServices(Disturb);
    }

    void IObserver<DiagnosticListener>.OnCompleted()
    {
        // It goes on for as long as the process.
    }

    void IObserver<DiagnosticListener>.OnError(Exception error)
    {
        // There is none to be told of.
    }

    void IObserver<KeyValuePair<string, object?>>.OnCompleted()
    {
        // The host is built.
    }

    void IObserver<KeyValuePair<string, object?>>.OnError(Exception error)
    {
        // There is none to be told of.
    }

    private void Disturb(IServiceCollection services)
    {
        Wrap<TimeProvider>(services, time => new MovableClock(time, () => board.TimeShift + board.ClockSkew));
        Wrap<ILedgerStore>(services, store => new DisturbedLedgerStore(store, board));
        Wrap<IDirectoryDocumentSource>(services, source => new DisturbedDirectory(source, board));
    }

    private static void Wrap<T>(IServiceCollection services, Func<T, T> disturb)
        where T : class
    {
        var was = services.Last(service => service.ServiceType == typeof(T));
        services.Remove(was);
        services.AddSingleton(provider => disturb(
            was.ImplementationInstance as T
                ?? was.ImplementationFactory?.Invoke(provider) as T
                ?? throw new InvalidOperationException($"Expected {typeof(T).Name} to be registered by an instance or a factory.")));
    }
}
