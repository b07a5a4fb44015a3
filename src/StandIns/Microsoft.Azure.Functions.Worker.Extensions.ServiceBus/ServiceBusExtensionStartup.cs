using Grpc.Net.Client;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

[assembly: WorkerExtensionStartup(typeof(ServiceBusExtensionStartup))]

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Registers the client of the host's settlement service, on the address that the host gave the worker at its start.</summary>
public sealed class ServiceBusExtensionStartup : WorkerExtensionStartup
{
    private const string HostEndpoint = "Functions:Worker:HostEndpoint";

    public override void Configure(IFunctionsWorkerApplicationBuilder applicationBuilder)
    {
        ArgumentNullException.ThrowIfNull(applicationBuilder);
        applicationBuilder.Services.AddSingleton(provider => new Settling.Settlement.SettlementClient(
            GrpcChannel.ForAddress(Endpoint(provider.GetRequiredService<IConfiguration>()), new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null })));
    }

    private static string Endpoint(IConfiguration configuration) =>
        configuration[HostEndpoint] ?? throw new InvalidOperationException($"Expected the host's address in {HostEndpoint}: the worker is started by a Functions host.");
}
