// A network for one region: a subnet for the app, one for private endpoints, and the zones that lead there.
@description('Names the network.')
param environmentName string

@description('Region.')
param location string

@description('On every resource.')
param tags object

@description('At least a /24.')
param addressPrefix string

@description('Service Bus namespace.')
param busId string

@description('false on Standard, which has no private endpoints.')
param connectBus bool

@description('Key vault.')
param vaultId string

@description('Storage account of the relay\'s data.')
param dataId string

// The names that the services' own records point to.
var zoneNames = {
  bus: 'privatelink.servicebus.windows.net'
  vault: 'privatelink.vaultcore.azure.net'
  blob: 'privatelink.blob.${environment().suffixes.storage}'
}

resource guard 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: 'nsg-relay-${environmentName}'
  location: location
  tags: tags
  properties: {
    securityRules: [
      {
        name: 'deny-inbound-from-internet'
        properties: {
          priority: 4000
          direction: 'Inbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: '*'
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-relay-${environmentName}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressPrefix]
    }
    // Declared here, not as child resources: a redeployed network without its subnets would delete them.
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 25, 0)
          networkSecurityGroup: {
            id: guard.id
          }
          delegations: [
            {
              name: 'flex'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: cidrSubnet(addressPrefix, 25, 1)
          networkSecurityGroup: {
            id: guard.id
          }
          privateEndpointNetworkPolicies: 'Enabled'
        }
      }
    ]
  }
}

resource zones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for zone in items(zoneNames): {
  name: zone.value
  location: 'global'
  tags: tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (zone, i) in items(zoneNames): {
  parent: zones[i]
  name: 'relay-${environmentName}'
  location: 'global'
  tags: tags
  properties: {
    virtualNetwork: {
      id: network.id
    }
    registrationEnabled: false
  }
}]

// items() sorts by key: blob, bus, vault.
module busEndpoint 'privateEndpoint.bicep' = if (connectBus) {
  name: 'relay-bus-endpoint'
  params: {
    name: 'pe-relay-bus-${environmentName}'
    location: location
    tags: tags
    subnetId: network.properties.subnets[1].id
    resourceId: busId
    groupId: 'namespace'
    zoneId: zones[1].id
  }
}

module vaultEndpoint 'privateEndpoint.bicep' = {
  name: 'relay-vault-endpoint'
  params: {
    name: 'pe-relay-vault-${environmentName}'
    location: location
    tags: tags
    subnetId: network.properties.subnets[1].id
    resourceId: vaultId
    groupId: 'vault'
    zoneId: zones[2].id
  }
}

module dataEndpoint 'privateEndpoint.bicep' = {
  name: 'relay-data-endpoint'
  params: {
    name: 'pe-relay-data-${environmentName}'
    location: location
    tags: tags
    subnetId: network.properties.subnets[1].id
    resourceId: dataId
    groupId: 'blob'
    zoneId: zones[0].id
  }
}

@description('Subnet of the function app.')
output appSubnetId string = network.properties.subnets[0].id

@description('Subnet of private endpoints.')
output endpointSubnetId string = network.properties.subnets[1].id

@description('Zone of blob endpoints.')
output blobZoneId string = zones[0].id
