using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Relay.Functions.Callers;
using Relay.Functions.Http;

namespace Relay.Functions.Tests;

/// <summary>What functions need for those who have proved nothing, with answers at once and limits that no test comes near.</summary>
internal static class UnhurriedStrangers
{
    public static void AddUnhurriedStrangers(this IServiceCollection services)
    {
        services.AddSingleton<UnprovedPace>();
        services.AddSingleton<StrangerLimits>();
        services.AddSingleton<ProvingBodies>();
        services.AddSingleton(_ => new AddressClass(
            Microsoft.Extensions.Options.Options.Create(new CallerOptions()), new ConfigurationBuilder().Build()));
        services.Configure<SubmissionOptions>(options =>
        {
            options.UnprovedAfter = TimeSpan.Zero;
            options.AddressBurst = options.StrangersBurst = 100_000;
        });
    }
}
